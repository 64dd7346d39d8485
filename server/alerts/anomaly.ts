import type { Figure, Fleet, Frame } from '../../simulation/index'
import { clock } from '../clock'
import { at, type Places } from './figure'
import { robust, type Minutes } from './minutes'
import { scheduledWithin, touches, type Occasion } from './occasion'
import type { Subject } from './rule'

/** A figure that is not what it was for an hour. */
export interface Anomaly extends Subject {
  id: string
  metric: string
  /** The minute that was unusual first, and the end of the last one; `null` while it still is [simulated s]. */
  since: number
  until: number | null
  /** The newest unusual minute, and the median of the minutes before it. */
  value: number
  usual: number
  /** How many of their standard deviations lie between the two; below 0 where it is less than usual. */
  sigma: number
  cause: { words: string; time: number } | null
  words: string
}

interface Kind {
  metric: string
  words: string
  /** Which way is unusual. */
  way: 'up' | 'down' | 'both'
  /** How far from the median it has to be: this part of it, and so much. */
  part: number
  least: number
}

const ofPools: readonly Kind[] = [
  { metric: 'waiting', words: 'queue', way: 'up', part: 1, least: 20 },
  { metric: 'itlP95', words: 'p95 ITL', way: 'up', part: 0.25, least: 0.005 },
  { metric: 'outputTokens', words: 'output', way: 'both', part: 0.25, least: 100 },
  { metric: 'prefixHitRate', words: 'prefix hits', way: 'down', part: 0.3, least: 0.05 },
]
const ofWorkloads: readonly Kind[] = [
  { metric: 'arrived', words: 'requests', way: 'both', part: 0.25, least: 1 },
  { metric: 'ttftP95', words: 'p95 TTFT', way: 'up', part: 0.5, least: 0.05 },
]

const unusual = 3.5
/** One that was unusual stays so until it is nearer than this. */
const usualAgain = 2
/** Deviations are at least this part of the median. */
const leastSigma = 0.04
/** Fewer minutes are no hour to be held against. */
const leastMinutes = 10
/** The minute of a change of routing and the next one belong to neither side. */
const settling = 2
/** How long before an unusual minute its cause may lie [s]. */
const causeWithin = 600
/** At once; more would say nothing. */
const most = 5

interface Series extends Subject {
  id: string
  kind: Kind
}

/** All figures that are watched, in the order in which `seriesFigures` gives them. */
export function seriesOf({ pools, workloads }: Places): Series[] {
  return [
    ...pools.flatMap(pool => ofPools.map(kind => ({ id: `${pool} ${kind.metric}`, pool, kind }))),
    ...workloads.flatMap(workload => ofWorkloads.map(kind => ({ id: `${workload} ${kind.metric}`, workload, kind }))),
  ]
}

export function seriesFigures(frame: Frame, { pools, workloads }: Places): Figure[] {
  return [
    ...pools.flatMap((_, row) => ofPools.map(({ metric }) => at(frame.pools, metric, row))),
    ...workloads.flatMap((_, row) => ofWorkloads.map(({ metric }) => at(frame.workloads, metric, row))),
  ]
}

export interface Surroundings {
  fleet: Fleet
  series: readonly Series[]
  occasions: readonly Occasion[]
}

/** Judges the newest closed minute by those before it: goes on with what was unusual, and begins what is, the oddest first. */
export function judgeMinute(minutes: Minutes, before: readonly Anomaly[], surroundings: Surroundings): Anomaly[] {
  const newest = minutes.closed.at(-1)
  if (!newest) return [...before]
  const end = (newest.minute + 1) * 60
  const seen = surroundings.series.map((series, place) => ({
    series,
    seen: deviation(minutes, place, series, surroundings),
  }))
  const goingOn = before.map((anomaly): Anomaly => {
    if (anomaly.until !== null) return anomaly
    const now = seen.find(({ series }) => series.id === anomaly.id)?.seen
    if (!now || now.sigma * Math.sign(anomaly.sigma) < usualAgain) return { ...anomaly, until: end - 60 }
    return { ...anomaly, value: now.value, usual: now.usual, sigma: now.sigma }
  })
  const open = goingOn.filter(({ until }) => until === null)
  const isOpen = (subject: Subject): boolean =>
    open.some(({ pool, workload }) => pool === subject.pool && workload === subject.workload)
  const odd = seen
    .flatMap(({ series, seen }) => (seen && isOdd(series.kind, seen) && !isOpen(series) ? [{ series, seen }] : []))
    .sort((one, other) => Math.abs(other.seen.sigma) - Math.abs(one.seen.sigma))
  const first = odd.filter(
    ({ series }, place) =>
      odd.findIndex(other => other.series.pool === series.pool && other.series.workload === series.workload) === place,
  )
  const begun = first
    .slice(0, Math.max(0, most - open.length))
    .map(({ series, seen }) => begin(series, seen, newest.minute * 60, surroundings))
  return [...goingOn, ...begun]
}

interface Deviation {
  value: number
  usual: number
  sigma: number
  minutes: number
}

/** `null` where there is too little to hold it against. */
function deviation({ closed }: Minutes, place: number, series: Series, { occasions }: Surroundings): Deviation | null {
  const newest = closed.at(-1)
  const value = newest?.means[place] ?? null
  if (!newest || value === null) return null
  const rerouted = occasions.findLast(occasion => occasion.reroutes && touches(occasion, series))
  const from = Math.max(newest.minute - 60, rerouted ? Math.floor(rerouted.time / 60) + settling : 0)
  const usual = closed.flatMap(({ minute, means }) => {
    const mean = means[place] ?? null
    return minute >= from && minute < newest.minute && mean !== null ? [mean] : []
  })
  const hour = usual.length >= leastMinutes ? robust(usual) : null
  if (!hour) return null
  const sigma = Math.max(hour.sigma, leastSigma * Math.abs(hour.median), series.kind.least / 10)
  return { value, usual: hour.median, sigma: (value - hour.median) / sigma, minutes: usual.length }
}

function isOdd({ way, part, least }: Kind, { value, usual, sigma }: Deviation): boolean {
  if ((way === 'up' && sigma < 0) || (way === 'down' && sigma > 0)) return false
  return Math.abs(sigma) >= unusual && Math.abs(value - usual) >= Math.max(least, part * Math.abs(usual))
}

function begin(series: Series, seen: Deviation, since: number, { fleet, occasions }: Surroundings): Anomaly {
  const { id, kind, pool, workload } = series
  const subject = { ...(pool !== undefined && { pool }), ...(workload !== undefined && { workload }) }
  const end = since + 60
  const near = [...scheduledWithin(fleet, since - causeWithin, end), ...occasions].filter(
    occasion => occasion.time >= since - causeWithin && occasion.time <= end && touches(occasion, subject),
  )
  const newest = near.sort((one, other) => one.time - other.time).at(-1)
  const place = workload !== undefined && newest?.fault ? ` in ${newest.pools.join(', ')}` : ''
  const cause = newest ? { words: newest.words + place, time: newest.time } : null
  const name = workload === undefined ? pool : (fleet.workloads.find(each => each.id === workload)?.name ?? workload)
  const side = seen.sigma > 0 ? 'above' : 'below'
  const span = seen.minutes >= 55 ? 'its hour' : `its last ${seen.minutes} min`
  const words = `${name} ${kind.words} ${Math.abs(seen.sigma).toFixed(1)} σ ${side} ${span}`
  return {
    ...subject,
    id,
    metric: kind.metric,
    since,
    until: null,
    value: seen.value,
    usual: seen.usual,
    sigma: seen.sigma,
    cause,
    words: cause ? `${words}; follows ${cause.words} at ${clock(fleet.epoch, cause.time).slice(0, 5)}` : words,
  }
}
