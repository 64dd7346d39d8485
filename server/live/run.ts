import { checkAct, diversionOf, poolTotals, presentOf, takeFrame, takePools, timeOf } from '../../simulation/index'
import type { Beside, Copy, Effect, FromRun, Lateness, PoolCount, Resumption, ToRun } from './messages'
import { createWatcher } from '../alerts/watcher'
import { createPilot } from '../rollout/pilot'
import { createOutcomes } from './outcomes'
import { createSchedule, restart, tick } from './schedule'
import type { Shards } from './shards'
import { shareState } from './state'

/** Simulated seconds that are computed before the clock starts, so that a first visitor sees full charts. */
export const warmUp = 300
/** Simulated seconds between frames of the warm-up, and at speed 1 afterwards. */
const warmUpStep = 1
const frameStep = 0.25
/** How long the run stands still for a command that is being written to disk [ms]. */
const longestHoldMs = 5000

/** A snapshot is taken when it would save so much computing [ms], and that many times what it costs itself. */
const dearEnoughMs = 500
const savingPart = 20
/** The disk is given so many bytes of them a millisecond at most. */
const diskRate = 10_000

/** Wall time [ms]. */
export interface Clock {
  /** Never goes back. */
  now: () => number
  /** Calls once after some time; gives back how to call it off. */
  after: (ms: number, call: () => void) => () => void
}

export interface RunPorts {
  post: (message: FromRun, transfer?: ArrayBuffer[]) => void
  clock: Clock
  /** Hands over the trace up to a time [s]; absent without one, or `null` where it reaches that far already. */
  feed?: (time: number) => Promise<void> | null
  /** Warm-up [s]. */
  warmUp?: number
  /** Where the run goes on, if it was begun before; the shards are as in its snapshot. */
  resumption?: Resumption | null
  /** Tells what forecasts need; not without it. */
  foresees?: boolean
}

export interface Run {
  /** Runs until `stop`; fails when the simulation or its trace does. */
  drive(): Promise<void>
  take(message: ToRun): void
  stop(): void
}

/** A simulation against the wall clock. Commands take effect where it stands, which always is a frame's time. */
export function createRun(shards: Shards, startSpeed: number, ports: RunPorts): Run {
  const { simulation } = shards
  const { post, feed, resumption, foresees = false } = ports
  const outcomes = createOutcomes(simulation)
  const { now, after } = ports.clock
  const schedule = createSchedule(now())
  const snapshot = resumption?.snapshot
  const pilot = createPilot(simulation, snapshot?.ramp ?? null)
  const watcher = createWatcher(simulation, snapshot?.watch ?? null)
  const warmUpFrames = Math.floor((ports.warmUp ?? warmUp) / warmUpStep)
  const past = resumption?.effects.slice() ?? []
  let speed = snapshot?.speed ?? startSpeed
  let paused = snapshot?.paused ?? false
  let sequence = snapshot?.sequence ?? 0
  let entry = snapshot?.entry ?? 0
  let stopped = false
  let watched: number[] = []
  let reservation: { id: number; until: number; own: boolean } | null = null
  // a run that comes back takes commands when it is back
  let early: ToRun[] | null = resumption ? [] : null
  // what it would take to compute again what came after the newest snapshot, and what that took [ms]
  let unsaved = 0
  let saving = 0
  let restUntil = 0
  let wake = () => {}

  return { drive, take, stop }

  async function drive(): Promise<void> {
    await catchUp()
    if (stopped) return
    post({ kind: 'ready' })
    restart(schedule, now())
    while (!stopped) {
      await untilDue()
      if (stopped) return
      const target = nextTime()
      const feeding = feed?.(target)
      if (!feeding) {
        step(target)
        tellFrame(tick(schedule, now()))
        announceDue()
        saveIfDue()
      }
      // while the file was read, commands may have come
      else await feeding
    }
  }

  /** Through what was there before, and through the warm-up, as fast as it goes. */
  async function catchUp(): Promise<void> {
    const inTime = { behind: 0, lost: 0 }
    if (snapshot) post({ kind: 'frame', frame: takeFrame(simulation, sequence), beside: besideOf(inTime) })
    if (snapshot) tellWatched()
    for (;;) {
      obey()
      announceDue()
      if (early && isBack()) admit(early)
      if (stopped || (!early && sequence >= warmUpFrames)) return
      const target = nextTime()
      await feed?.(target)
      await breathe()
      await untilFree()
      step(target)
      tellFrame(inTime)
      saveIfDue()
    }
  }

  /** What commands did when the run stood here before. */
  function obey(): void {
    while (past[0]?.sequence === sequence) {
      const next = past.shift()
      if (next) apply(next.effect, next.entry)
    }
    const [missed] = past
    if (missed && missed.sequence < sequence) throw new Error(`entry ${missed.entry} of the journal comes too late`)
  }

  function isBack(): boolean {
    if (past.length > 0) return false
    return sequence >= (resumption?.horizon ?? 0) || (paused && sequence >= warmUpFrames)
  }

  /** From here on it may be seen, and takes commands; first those that came meanwhile. */
  function admit(waiting: ToRun[]): void {
    early = null
    post({ kind: 'back' })
    waiting.forEach(take)
  }

  function nextTime(): number {
    return sequence < warmUpFrames ? (sequence + 1) * warmUpStep : timeOf(simulation) + frameStep * speed
  }

  function step(target: number): void {
    const begun = now()
    shards.advance(target)
    sequence++
    unsaved += now() - begun
    const outcome = outcomes.look()
    if (outcome) post({ kind: 'outcome', outcome })
  }

  function tellFrame(lateness: Lateness): void {
    const frame = takeFrame(simulation, sequence)
    pilot.look(frame)
    watcher.look(frame)
    post({ kind: 'frame', frame, beside: besideOf(lateness) })
    tellWatched()
    const progress = pilot.progress()
    if (progress) post({ kind: 'progress', progress })
  }

  function tellWatched(): void {
    post({ kind: 'watched', watched: watcher.tell() })
  }

  function besideOf(lateness: Lateness): Beside {
    const pools = watched
    return {
      ...lateness,
      taken: now(),
      watched: pools.length > 0 ? { pools, columns: takePools(simulation, pools) } : null,
    }
  }

  /** What a ramp does, it does at the frame that told it to; what it did before stands in the journal. */
  function announceDue(): void {
    if (!pilot.due() || past.length > 0) return
    awaitDue()
    post({ kind: 'due' })
  }

  function awaitDue(): void {
    if (pilot.due()) reservation = { id: 0, until: now() + longestHoldMs, own: true }
  }

  /** Right after a frame, when there is most time until the next. */
  function saveIfDue(): void {
    const begun = now()
    if (unsaved < Math.max(dearEnoughMs, saving * savingPart) || begun < restUntil) return
    const saved = shards.save()
    saving = now() - begun
    unsaved = 0
    restUntil = Infinity
    const state = {
      sequence,
      time: timeOf(simulation),
      speed,
      paused,
      entry,
      ramp: pilot.ramp(),
      watch: structuredClone(watcher.watch()),
    }
    void saved.then(({ shards, parts }) => {
      restUntil = begun + parts.reduce((sum, part) => sum + part.byteLength, 0) / diskRate
      post({ kind: 'snapshot', snapshot: { ...state, shards, parts } }, parts)
    })
  }

  function take(message: ToRun): void {
    if (message.kind === 'watch') {
      watched = message.pools
    } else if (message.kind === 'count') {
      post({ kind: 'counted', id: message.id, ...count() })
    } else if (message.kind === 'detail') {
      const told = sequence
      void shards.detail(message.wish).then(detail => {
        post({ kind: 'detailed', id: message.id, detail: { sequence: told, ...detail } })
      })
    } else if (message.kind === 'copy') {
      post({ kind: 'copied', id: message.id, ...copy() })
    } else if (early && !isOwn(message)) {
      early.push(message)
    } else if (message.kind === 'reserve') {
      const { id, effect, own = false } = message
      const act = effect?.kind === 'act' ? effect.act : null
      reservation = { id, until: now() + longestHoldMs, own }
      const refusal = act ? checkAct(simulation, act) : effect?.kind === 'alert' ? watcher.check(effect.act) : null
      const diversion = act && !refusal ? diversionOf(simulation, act) : null
      post({ kind: 'reserved', id, sequence, time: timeOf(simulation), refusal, due: pilot.due(), diversion })
    } else if (reservation?.id !== message.id) {
      if (message.kind === 'commit') post({ kind: 'committed', id: message.id, applied: false })
    } else {
      const { own } = reservation
      reservation = null
      if (message.kind === 'commit') {
        const { effect } = message
        apply(effect, message.entry)
        post({ kind: 'committed', id: message.id, applied: true })
        if (effect.kind === 'alert') tellWatched()
        if (foresees && effect.kind === 'routing') post({ kind: 'changed', revision: effect.revision, ...copy() })
      }
      // what is due comes after the command of an operator; where it cannot be written, the run goes on without it
      if (!own) awaitDue()
    }
    wake()
  }

  function isOwn(message: Exclude<ToRun, { kind: 'watch' }>): boolean {
    if (message.kind === 'reserve') return message.own ?? false
    return reservation?.id === message.id && reservation.own
  }

  function apply(effect: Effect, number: number): void {
    entry = number
    if (effect.kind === 'routing') {
      watcher.rerouted(effect.routing, effect.revision)
      shards.setRouting(effect.routing, effect.revision, effect.mirrors)
      if (effect.ramp) pilot.turn(effect.ramp)
      if (foresees) outcomes.begin(effect.revision)
      return
    }
    if (effect.kind === 'act') {
      watcher.acted(effect.act)
      return shards.perform(effect.act)
    }
    if (effect.kind === 'alert') return watcher.perform(effect)
    if (effect.kind === 'ramp') return pilot.begin(effect.plan)
    if (effect.kind === 'turn') return pilot.turn(effect.turn)
    speed = effect.speed ?? speed
    if (paused && effect.paused === false) restart(schedule, now())
    paused = effect.paused ?? paused
  }

  function count(): PoolCount {
    const all = [...simulation.fleet.pools.keys()]
    return { totals: poolTotals(simulation), figures: takePools(simulation, all) }
  }

  function copy(): Copy {
    const present = shards.count === 1 ? shareState(presentOf(simulation)) : null
    return { sequence, time: timeOf(simulation), present }
  }

  function stop(): void {
    stopped = true
    wake()
  }

  /** Until the next frame is due, nothing is paused and no command is being written; lets messages in at least once. */
  async function untilDue(): Promise<void> {
    await breathe()
    for (;;) {
      await untilFree()
      const wait = paused ? Infinity : schedule.due - now()
      if (stopped || wait <= 0) return
      await sleep(wait)
    }
  }

  async function untilFree(): Promise<void> {
    while (reservation && !stopped) {
      const wait = reservation.until - now()
      if (wait <= 0) reservation = null
      else await sleep(wait)
    }
  }

  /** Until the time is over or a message came. */
  function sleep(ms: number): Promise<void> {
    return new Promise(resolve => {
      const callOff = Number.isFinite(ms) ? after(ms, resolve) : () => {}
      wake = () => {
        callOff()
        resolve()
      }
    })
  }
}

function breathe(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
