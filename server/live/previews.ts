import { setTimeout as delay } from 'node:timers/promises'
import {
  checkRouting,
  forecastBlocks,
  narrow,
  nearestRouting,
  outlookOf,
  routesOf,
  separateParts,
  thinned,
  whole,
  type Fleet,
  type Present,
  type Routing,
  type Scenario,
  type Tally,
} from '../../simulation/index'
import type { Forecast, ForecastAnswer } from '../protocol'
import { refuse } from '../refusal'
import { startForecasts, type Forecasts, type Rank, type Telling } from './forecasts'
import type { Copy } from './messages'
import { horizon } from './outcomes'

/** A present is asked about for so long, and previews of one drag compared with the same future of what is in force [ms]. */
const freshMs = 2000

/**
 * What a draft does not touch has the same future in both: an answer takes the one that was told last, if that is no older
 * [simulated s] and nothing was changed since.
 */
const keptSeconds = 30

/** While a slider moves nobody waits for more than a first answer [ms]. */
const settleMs = 150

/**
 * A pool that a draft fills by that much more, to that saturation in the first answer, may fill up in the minutes that
 * it leaves out: then it is looked at for longer before the whole fleet is. That look counts if it finds the p95 TTFT of a
 * workload so many times as long.
 */
const filling = { by: 0.02, to: 0.5 }
const longer = 1.5

/** After so many rounds over the fleet most code of a thread is compiled. */
const warmRounds = 8

export interface PreviewPorts {
  scenario: Scenario
  threads: number
  copy: () => Promise<Copy>
  now: () => number
  /** A thread of forecasts failed; the run goes on. */
  failed: (cause: unknown) => void
}

/** What changes will do, told to whoever drafts them; of what one asker asks only the latest. */
export interface Previews {
  /** The first answer; a longer look where that finds more trouble and the whole answer come later, unless the asker has asked anew or left. */
  ask(asker: object, routing: Routing, then: (answer: Forecast) => void): Promise<ForecastAnswer>
  leave(asker: object): void
  /** What will come of a change that took effect just now, in some blocks of the horizon; `null` if another one came. */
  predict(copy: Copy, routing: Routing): Promise<Tally[][] | null>
  /** The run is not what it was: a command took effect. */
  turn(): void
  /** Brings the threads up to speed before somebody asks, once. */
  warm(): Promise<void>
  stop(): Promise<void>
}

interface Job {
  telling: Telling
  wanted: Set<object>
  done: boolean
}

interface Look {
  how: typeof thinned
  rank: Rank
}

/** How the parts that a draft touches are looked at, and the others. */
interface Looks {
  touched: Look
  rest: Look
}

const quick: Look = { how: thinned, rank: 'first' }
const full: Look = { how: whole, rank: 'whole' }
const firstLook: Looks = { touched: quick, rest: quick }
const longerLook: Looks = { touched: { how: narrow, rank: 'longer' }, rest: quick }
const wholeLook: Looks = { touched: full, rest: full }

/** A present that the threads know by a key. */
type Known = Copy & { key: number }

export function createPreviews({ scenario, threads, copy, now, failed }: PreviewPorts): Previews {
  const { fleet, seed } = scenario
  const jobs = new Map<string, Job>()
  const asking = new WeakMap<object, object>()
  let forecasts: Forecasts | null = null
  let known: { copy: Promise<Known>; at: number } | null = null
  let predicting = {}
  let warmed: Promise<void> | null = null
  let lately = new Map<string, { time: number; tallies: Tally[] }>()
  let keys = 0

  return { ask, leave, predict, turn, warm, stop }

  function turn(): void {
    known = null
    lately = new Map()
  }

  async function ask(asker: object, routing: Routing, then: (answer: Forecast) => void): Promise<ForecastAnswer> {
    const refusal = checkRouting(fleet, routing)
    if (refusal) {
      const { field, value, expected } = refusal
      return { ok: false, error: refuse(field, value, expected), nearest: nearestRouting(fleet, routing) }
    }
    if (threads === 0) return { ok: false, error: refuse('preview', null, 'a server with threads for forecasts') }
    const turn = {}
    const before = asking.get(asker)
    asking.set(asker, turn)
    const taken = await present()
    if (!taken.present)
      return { ok: false, error: refuse('preview', fleet.id, 'a run in one thread: this one is spread over several') }
    if (asking.get(asker) !== turn) return { ok: true, superseded: true }
    const answer = compare(turn, taken, routing, firstLook)
    // after it has said what it wants: what both want goes on
    if (before) abandon(before)
    const first = await answer
    if (!first) return { ok: true, superseded: true }
    refine(asker, turn, { taken, routing, first }, then).catch(failed)
    return first
  }

  /** What there is beyond the first answer, once the asker has stayed with a draft for a moment. */
  async function refine(
    asker: object,
    turn: object,
    { taken, routing, first }: { taken: Known; routing: Routing; first: Forecast },
    then: (answer: Forecast) => void,
  ): Promise<void> {
    await delay(settleMs, null, { ref: false })
    if (asking.get(asker) !== turn) return
    let over = false
    const last = compare(turn, taken, routing, wholeLook).then(answer => {
      over = true
      if (answer) then(answer)
    })
    const more = mayFill(first) ? compare(turn, taken, routing, longerLook) : Promise.resolve(null)
    const between = more.then(answer => {
      if (answer && !over && findsMore(answer, first)) then(answer)
    })
    await Promise.all([last, between])
  }

  /** Both futures of a present, part by part: what the change does not touch is the same in both. */
  async function compare(
    turn: object,
    { key, time, present }: Known,
    routing: Routing,
    { touched: look, rest: restLook }: Looks,
  ): Promise<Forecast | null> {
    if (!present) return null
    const parts = partsOf(fleet, present, present.routing, routing)
    const futures = parts.touched.map(pools => want(turn, key, pools, {}, look))
    const drafts = parts.touched.map(pools => want(turn, key, pools, only(fleet, routing, pools), look))
    const others = parts.rest.map(untouched)
    const [stay, changed, same] = await Promise.all([Promise.all(futures), Promise.all(drafts), Promise.all(others)])
    if (!areAll(stay) || !areAll(changed) || !areAll(same)) return null
    const plan = { blocks: forecastBlocks, seconds: horizon }
    return {
      ok: true,
      whole: look.how === whole,
      revision: present.revision,
      time,
      stay: outlookOf([...stay, ...same], plan),
      draft: outlookOf([...changed, ...same], plan),
    }

    async function untouched(pools: number[]): Promise<Tally[] | null> {
      const name = JSON.stringify([pools, restLook.how])
      const there = lately
      const kept = there.get(name)
      if (kept && time - kept.time <= keptSeconds) return kept.tallies
      const tallies = await want(turn, key, pools, {}, restLook)
      if (tallies) there.set(name, { time, tallies })
      return tallies
    }
  }

  function want(turn: object, key: number, pools: number[], routing: Routing, { how, rank }: Look) {
    const name = JSON.stringify([key, pools, routing, how])
    const job = jobs.get(name) ?? begin()
    job.wanted.add(turn)
    return job.telling.tallies

    function begin(): Job {
      const plan = { ...how, pools, routing, seed: seedOf(key), seconds: horizon }
      const telling = crew().tell(key, plan, rank)
      const job: Job = { telling, wanted: new Set(), done: false }
      jobs.set(name, job)
      telling.tallies.then(
        tallies => (tallies ? (job.done = true) : jobs.delete(name)),
        () => jobs.delete(name),
      )
      return job
    }
  }

  function abandon(turn: object): void {
    for (const [name, job] of jobs) {
      job.wanted.delete(turn)
      if (job.wanted.size > 0) continue
      if (!job.done) job.telling.drop()
      else if (name.startsWith(`[${keys},`)) continue
      jobs.delete(name)
    }
  }

  function leave(asker: object): void {
    const turn = asking.get(asker)
    if (turn) abandon(turn)
    asking.delete(asker)
  }

  async function predict(taken: Copy, routing: Routing): Promise<Tally[][] | null> {
    abandon(predicting)
    const turn = (predicting = {})
    if (!taken.present) return null
    const key = learn(taken)
    const { touched, rest } = partsOf(fleet, taken.present, routing, routing)
    const told = await Promise.all(
      [...touched, ...rest].map(pools => want(turn, key, pools, {}, { how: whole, rank: 'idle' })),
    )
    return areAll(told) ? told : null
  }

  /** The present that is asked about, or a new one. */
  function present(): Promise<Known> {
    if (known && now() - known.at < freshMs) return known.copy
    const taken = copy().then(copy => ({ ...copy, key: learn(copy) }))
    known = { copy: taken, at: now() }
    taken.catch(() => (known = null))
    return taken
  }

  function learn({ present }: Copy): number {
    const key = ++keys
    if (present) crew().know(key, present)
    return key
  }

  /** Of the forecast's own draws: not those of the run, and others for every present. */
  function seedOf(key: number): number {
    return seed + 1_000_003 * key
  }

  function warm(): Promise<void> {
    return (warmed ??= runIn().catch(failed))
  }

  async function runIn(): Promise<void> {
    const { key, present: there } = await present()
    if (!there) return
    // part by part, as it will be asked about: each thread has each kind of part again and again
    const parts = separateParts(fleet, [there.routing])
    const tellings = Array.from({ length: warmRounds * threads }, (_, seed) =>
      parts.map(pools => crew().tell(key, { ...thinned, pools, routing: {}, seed, seconds: horizon }, 'idle')),
    )
    await Promise.all(tellings.flat().map(({ tallies }) => tallies))
  }

  function crew(): Forecasts {
    return (forecasts ??= startForecasts(scenario, threads))
  }

  async function stop(): Promise<void> {
    await forecasts?.stop()
  }
}

function mayFill({ stay, draft }: Forecast): boolean {
  return draft.pools.saturation.some(({ value }, pool) => {
    const now = stay.pools.saturation[pool]?.value ?? 0
    return value !== null && value >= filling.to && value - now >= filling.by
  })
}

function findsMore(look: Forecast, first: Forecast): boolean {
  return (['stay', 'draft'] as const).some(future =>
    look[future].workloads.ttftP95.some(({ value }, workload) => {
      const before = first[future].workloads.ttftP95[workload]?.value
      return value !== null && before != null && value > longer * before
    }),
  )
}

/** Parts of a fleet that a draft touches, and the rest, those with the most requests so far first: they take longest. */
function partsOf(
  fleet: Fleet,
  { mirrors, flows, fleet: { telemetry } }: Present,
  present: Routing,
  routing: Routing,
): { touched: number[][]; rest: number[][] } {
  const parts = separateParts(fleet, [present, routing, routesOf(mirrors)])
  const named = new Set(
    Object.values(routing)
      .flat()
      .flatMap(({ prefill, decode }) => [prefill, decode]),
  )
  const isTouched = (pools: number[]): boolean => pools.some(pool => named.has(fleet.pools[pool]?.id ?? ''))
  const arrived = (pools: number[]): number =>
    flows.reduce((sum, { pool }, flow) => (pools.includes(pool) ? sum + (telemetry.flow.arrived[flow] ?? 0) : sum), 0)
  const rest = parts.filter(part => !isTouched(part)).sort((a, b) => arrived(b) - arrived(a))
  return { touched: parts.filter(isTouched), rest }
}

/** The shares of the workloads that some pools serve. */
function only(fleet: Fleet, routing: Routing, pools: readonly number[]): Routing {
  const ids = new Set(pools.map(pool => fleet.pools[pool]?.id))
  return Object.fromEntries(
    Object.entries(routing).filter(([, routes]) => routes.some(({ decode }) => ids.has(decode))),
  )
}

function areAll<Part>(parts: readonly (Part | null)[]): parts is Part[] {
  return parts.every(part => part !== null)
}
