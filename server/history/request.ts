import { z } from 'zod'
import { routingStateSchema } from '../control/answer'
import { seriesNames } from './series'

const someFigures = 'figures of a frame, such as fleet.goodput, families.power, workloads.attainment or pools.kvUse'
const figureName = z.string().refine(name => seriesNames.includes(name), someFigures)
const seconds = z.number().min(0)

/** A stretch of time; without an end it is that of the history. */
export const rangeRequest = z
  .strictObject({
    from: seconds.default(0).meta({ description: 'Simulated time [s]; 0 is the start of the run.' }),
    to: seconds.optional().meta({ description: 'Simulated time [s]; without it, the newest.' }),
    points: z.int().min(2).max(2000).default(600).meta({ description: 'So many at most, but for gaps.' }),
    series: z
      .array(figureName)
      .min(1)
      .optional()
      .meta({ description: `${someFigures}; without it, those that charts draw.` }),
  })
  .refine(({ from, to }) => to === undefined || to >= from, { path: ['to'], message: 'from or later' })

export const momentRequest = z.strictObject({ time: seconds.meta({ description: 'Simulated time [s].' }) })

export const frameSchema = z.looseObject({
  sequence: z.int().meta({ description: 'Number of the frame, from 1, without a gap.' }),
  time: z.number().meta({ description: 'Simulated time [s].' }),
  revision: z.int().meta({ description: 'Of the routing in force.' }),
})

const columns = z.record(z.string(), z.array(z.number().nullable()))

export const rangeSchema = z
  .object({
    resolution: z.number().meta({ description: 'Seconds that a point tells of.' }),
    oldest: z.number().nullable().meta({ description: 'From when on there is a history [s].' }),
    newest: z.number().nullable(),
    time: z.array(z.number()).meta({ description: 'Of the end of what each point tells of [s].' }),
    fleet: columns,
    families: z.array(columns),
    workloads: z.array(columns),
    pools: z.array(columns),
  })
  .meta({
    description:
      'Columns by metric. Points of more than a second hold the mean of rates and levels, ratios weighed by what they are a ' +
      'to, the highest of percentiles and the least of the samples behind them. Where rows are missing, a point has nulls.',
  })

export const momentSchema = z.object({
  resolution: z.number().meta({ description: 'Seconds that the frame tells of: 1, 10, 60 or 600.' }),
  frame: frameSchema.meta({ description: 'The newest that is kept, not after the time asked for.' }),
  routing: routingStateSchema,
})
