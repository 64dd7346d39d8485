import { checkAct, poolTotals, takeFrame, timeOf } from '../../simulation/index'
import type { Effect, FromRun, ToRun } from './messages'
import { createSchedule, restart, tick } from './schedule'
import type { Shards } from './shards'

/** Simulated seconds that are computed before the clock starts, so that a first visitor sees full charts. */
export const warmUp = 300
/** Simulated seconds between frames of the warm-up, and at speed 1 afterwards. */
const warmUpStep = 1
const frameStep = 0.25
/** How long the run stands still for a command that is being written to disk [ms]. */
const longestHoldMs = 5000

/** Wall time [ms]. */
export interface Clock {
  /** Monotonic. */
  now: () => number
  /** Calls once after some time; gives back how to call it off. */
  after: (ms: number, call: () => void) => () => void
}

export interface RunPorts {
  post: (message: FromRun) => void
  clock: Clock
  /** Hands over the trace up to a time [s]; absent without one, or `null` where it reaches that far already. */
  feed?: (time: number) => Promise<void> | null
  /** Warm-up [s]. */
  warmUp?: number
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
  const { post, feed } = ports
  const { now, after } = ports.clock
  const schedule = createSchedule(now())
  let speed = startSpeed
  let paused = false
  let stopped = false
  let sequence = 0
  let reservation: { id: number; until: number } | null = null
  let wake = () => {}

  return { drive, take, stop }

  async function drive(): Promise<void> {
    await warm()
    post({ kind: 'ready' })
    restart(schedule, now())
    while (!stopped) {
      await untilDue()
      if (stopped) return
      const target = timeOf(simulation) + frameStep * speed
      const feeding = feed?.(target)
      if (!feeding) step(target)
      // while the file was read, commands may have come
      else await feeding
    }
  }

  async function warm(): Promise<void> {
    const end = ports.warmUp ?? warmUp
    for (let target = warmUpStep; target <= end && !stopped; target += warmUpStep) {
      await feed?.(target)
      await breathe()
      await untilFree()
      shards.advance(target)
      post({ kind: 'frame', frame: takeFrame(simulation, ++sequence), lateness: { behind: 0, lost: 0 } })
    }
  }

  function step(target: number): void {
    shards.advance(target)
    const frame = takeFrame(simulation, ++sequence)
    post({ kind: 'frame', frame, lateness: tick(schedule, now()) })
  }

  function take(message: ToRun): void {
    if (message.kind === 'count') {
      post({ kind: 'counted', id: message.id, pools: poolTotals(simulation) })
    } else if (message.kind === 'reserve') {
      reservation = { id: message.id, until: now() + longestHoldMs }
      const refusal = message.act ? checkAct(simulation, message.act) : null
      post({ kind: 'reserved', id: message.id, sequence, time: timeOf(simulation), refusal })
    } else if (reservation?.id !== message.id) {
      if (message.kind === 'commit') post({ kind: 'committed', id: message.id, applied: false })
    } else {
      reservation = null
      if (message.kind === 'commit') {
        apply(message.effect)
        post({ kind: 'committed', id: message.id, applied: true })
      }
    }
    wake()
  }

  function apply(effect: Effect): void {
    if (effect.kind === 'routing') return shards.setRouting(effect.routing, effect.revision)
    if (effect.kind === 'act') return shards.perform(effect.act)
    speed = effect.speed ?? speed
    if (paused && effect.paused === false) restart(schedule, now())
    paused = effect.paused ?? paused
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
