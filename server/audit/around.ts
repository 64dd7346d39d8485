import { z } from 'zod'
import type { Figure } from '../../simulation/index'
import type { AroundEntry } from '../journal/entry'
import type { History } from '../protocol'

/** Seconds that are compared; figures look back 15 s, so those right after the change still tell of both sides. */
export const span = 60
export const settling = 15
/** A small line needs no more than a point every so many seconds. */
const pointSeconds = 3

/** Figures of the fleet that stand around every change, and of each workload that it touched. */
const fleetFigures = ['ttftP95', 'costPerMtok', 'energyPerToken', 'power'] as const
const workloadFigures = ['ttftP95', 'attainment'] as const

const figure = z.number().nullable()
export const aroundSchema = z
  .object({
    offsets: z.array(z.number()).meta({ description: 'Seconds from the change to each point; negative before it.' }),
    figures: z.array(
      z.object({
        metric: z.enum([...fleetFigures, 'attainment']),
        workload: z.string().nullable().meta({ description: 'null: the whole fleet.' }),
        before: figure.meta({ description: `Mean of the ${span} s before.` }),
        after: figure.meta({ description: `Mean of ${span} s, from ${settling} s after.` }),
        points: z.array(figure).meta({ description: 'Means of the seconds up to each point.' }),
      }),
    ),
    others: z.array(z.int()).meta({ description: 'Revisions of other changes within these seconds.' }),
  })
  .meta({ description: 'Figures of the run on both sides of a change.' })

export type Around = z.output<typeof aroundSchema>

/** A change of routing whose surroundings are not known yet. */
export interface Changed {
  revision: number
  time: number
  /** Ids of those whose shares changed. */
  workloads: string[]
}

/** Waits until the time after changes is over, and keeps what the history then tells of both sides. */
export interface Surroundings {
  await(change: Changed): void
  /** What is known by now [simulated s]. */
  look(now: number): AroundEntry[]
}

export interface SurroundingsPorts {
  history: { view(): History }
  workloadIds: readonly string[]
  /** Revisions that came between two times. */
  changesWithin: (from: number, to: number) => number[]
}

export function createSurroundings({ history, workloadIds, changesWithin }: SurroundingsPorts): Surroundings {
  let awaited: Changed[] = []
  return { await: change => void awaited.push(change), look }

  function look(now: number): AroundEntry[] {
    const over = awaited.filter(({ time }) => now >= time + settling + span)
    if (over.length === 0) return []
    awaited = awaited.filter(change => !over.includes(change))
    const view = history.view()
    return over.map(change => {
      const { revision, time } = change
      const near = changesWithin(time - span, time + settling + span)
      const others = near.filter(other => other !== revision)
      return { kind: 'around', revision, time, ...aroundOf(view, change, workloadIds), others }
    })
  }
}

/** What the history tells of both sides; `null` where it has too little. */
export function aroundOf(
  history: History,
  { time, workloads }: Changed,
  workloadIds: readonly string[],
): Omit<Around, 'others'> {
  const places = history.time.flatMap((at, place) => (at > time - span && at <= time + settling + span ? [place] : []))
  const seconds = places.map(place => (history.time[place] ?? NaN) - time)
  const ends = seconds.map(offset => Math.ceil((offset - 1e-6) / pointSeconds) * pointSeconds)
  const offsets = [...new Set(ends)]
  const row = (metric: Around['figures'][number]['metric'], workload: string | null, values: Figure[] = []) => {
    const known = places.map(place => values[place] ?? null)
    return {
      metric,
      workload,
      before: meanBetween(seconds, known, -span, 0),
      after: meanBetween(seconds, known, settling, settling + span),
      points: offsets.map(end => brief(meanOf(known.filter((_, point) => ends[point] === end)))),
    }
  }
  const touched = workloads.flatMap(id => {
    const columns = history.workloads[workloadIds.indexOf(id)]
    return columns ? workloadFigures.map(metric => row(metric, id, columns[metric])) : []
  })
  return { offsets, figures: [...touched, ...fleetFigures.map(metric => row(metric, null, history.fleet[metric]))] }
}

function meanOf(values: readonly Figure[]): Figure {
  const known = values.filter(value => value !== null)
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null
}

/** Four digits, as many as a small line shows. */
function brief(value: Figure): Figure {
  return value === null ? null : Number(value.toPrecision(4))
}

function meanBetween(offsets: readonly number[], points: readonly Figure[], from: number, to: number): Figure {
  let sum = 0
  const known: number[] = []
  points.forEach((value, place) => {
    const offset = offsets[place] ?? NaN
    if (value === null || offset <= from || offset > to) return
    sum += value
    known.push(offset)
  })
  // a part of the minute says little of the whole; at a high speed of the run its points lie seconds apart
  const [first = Infinity, last = -Infinity] = [known[0], known.at(-1)]
  return first <= from + span / 4 && last >= to - span / 4 ? sum / known.length : null
}
