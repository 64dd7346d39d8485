import { z } from 'zod'
import { fleetOutlook, type Outlook } from '../../simulation/index'
import type { PredictionEntry } from '../journal/entry'

export const foretoldSchema = z.object({
  metric: z.enum(fleetOutlook),
  workload: z.string().nullable().meta({ description: 'null: the whole fleet.' }),
  value: z.number(),
  low: z.number(),
  high: z.number().meta({ description: 'What happens lies between low and high nine times in ten.' }),
})

/** A figure that a change was told to bring. */
export type Foretold = z.output<typeof foretoldSchema>

export const predictedSchema = z
  .object({ seconds: z.number(), figures: z.array(foretoldSchema) })
  .meta({ description: 'What a change was told to do within so many simulated seconds.' })

/** What was told for a stretch: p95 TTFT of each workload whose shares changed, then the fleet; known figures alone. */
export function foretoldFigures(
  workloads: readonly string[],
  { fleet, ttftP95 }: PredictionEntry['outlooks'][number],
  workloadIds: readonly string[],
): Foretold[] {
  return [
    ...workloads.flatMap(id => foretold('ttftP95', id, ttftP95[workloadIds.indexOf(id)])),
    ...fleetOutlook.flatMap(name => foretold(name, null, fleet[name])),
  ]
}

function foretold(
  metric: Foretold['metric'],
  workload: string | null,
  of: Outlook['fleet'][Foretold['metric']] | undefined,
): Foretold[] {
  if (!of || of.value === null || of.low === null || of.high === null) return []
  // no part of requests is less than none of them or more than all
  const [least, most] = isPart(metric) ? [0, 1] : [-Infinity, Infinity]
  return [{ metric, workload, value: of.value, low: Math.max(least, of.low), high: Math.min(most, of.high) }]
}

function isPart(metric: Foretold['metric']): boolean {
  return metric === 'attainment' || metric === 'rejected'
}
