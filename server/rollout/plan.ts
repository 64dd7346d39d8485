import { z } from 'zod'
import type { Routing } from '../../simulation/index'

const name = z.string().min(1).max(100)

/** What ends a step: all that is named; nothing named, the next frame does. */
const hold = z.strictObject({
  seconds: z.number().min(0).max(86_400).optional().meta({ description: 'Simulated time since the step [s].' }),
  requests: z
    .int()
    .min(1)
    .max(1e9)
    .optional()
    .meta({ description: 'So many finished since the step, of the changed workloads in the pools that gain.' }),
  approval: z.literal(true).optional().meta({ description: 'Somebody approves it.' }),
})

export const stepsSchema = z
  .array(hold.extend({ share: z.number().gt(0).max(1).meta({ description: 'How far on the way (0 to 1).' }) }))
  .min(1)
  .max(50)

export const guardSchema = z
  .strictObject({
    action: z.enum(['roll-back', 'hold']),
    metric: name.meta({ description: 'A figure of frames, of the fleet, or of the workload or pool that is named.' }),
    workload: name.optional(),
    pool: name.optional(),
    above: z.number().optional().meta({ description: 'A breach above so much, in the base unit of the figure.' }),
    below: z.number().optional().meta({ description: 'A breach below so much.' }),
    against: z
      .enum(['limit', 'before'])
      .default('limit')
      .meta({ description: 'Before: above and below are factors of the figure before the first step.' }),
    samples: z
      .int()
      .min(0)
      .max(1e6)
      .default(20)
      .meta({ description: 'With fewer of them there is nothing to judge by, and the ramp holds.' }),
  })
  .meta({ description: 'What must not happen meanwhile: judged on every frame.' })

export const guardsSchema = z.array(guardSchema).max(20)

export type Guard = z.output<typeof guardSchema>
export type Step = z.output<typeof stepsSchema>[number]

/** A change of routing in steps, as it was begun. */
export interface RampPlan {
  /** Key of the command. */
  id: string
  by: string
  reason: string | null
  /** Revision and shares from which it leads, and where to; both of the changed workloads alone. */
  base: number
  from: Routing
  to: Routing
  /** Simulated time of the first step [s]; `null` for the next frame. */
  at: number | null
  steps: Step[]
  guards: Guard[]
}

/** 1, 5, 25, 50 and 100 %, a minute of simulated time each. */
export const template: Step[] = [0.01, 0.05, 0.25, 0.5, 1].map(share => ({ share, seconds: 60 }))
