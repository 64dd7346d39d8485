import { z } from 'zod'
import { routingStateSchema } from '../control/answer'
import { guardsSchema, stepsSchema } from './plan'

const figure = z.number().nullable()
const routing = routingStateSchema.shape.routing

export const rampSchema = z
  .object({
    plan: z.object({
      id: z.string(),
      by: z.string(),
      reason: z.string().nullable(),
      base: z.int().meta({ description: 'Revision from which it leads.' }),
      from: routing,
      to: routing,
      at: figure.meta({ description: 'Simulated time of the first step [s]; null for at once.' }),
      steps: stepsSchema,
      guards: guardsSchema,
    }),
    step: z.int().meta({ description: 'Steps taken.' }),
    since: z.number().meta({ description: 'Simulated time of the newest one, or of the beginning [s].' }),
    approved: z.boolean(),
    held: z.object({ cause: z.string(), why: z.string(), since: z.number() }).nullable(),
    ended: z.object({ how: z.string(), by: z.string(), why: z.string().nullable(), time: z.number() }).nullable(),
    requests: z.number().meta({ description: 'Finished since the newest step, where the ramp leads to.' }),
    verdicts: z
      .array(
        z.object({
          state: z.enum(['fine', 'breach', 'unknown']),
          value: figure,
          limit: figure,
          samples: figure,
        }),
      )
      .meta({ description: 'By guard, how it stood at the newest frame.' }),
  })
  .meta({ description: 'The ramp that is under way, or the newest one that was.' })
