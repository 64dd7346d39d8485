import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import {
  advance,
  createSimulation,
  perform,
  poolDetail,
  revive,
  setRouting,
  type Act,
  type DetailWish,
  type Mirrors,
  type Routing,
  type Scenario,
  type Shard,
  type Simulation,
} from '../../simulation/index'
import { packState, unpackState, withoutTelemetry } from './state'

// words that the threads of a run share
/** Counts the stretches that were asked for. */
export const ROUND = 0
/** Where the stretch ends [simulated ms]. */
export const MILLISECONDS = 1
/** Threads that have reached it, and that have failed. */
export const DONE = 2
export const FAILED = 3

/** What the thread of a shard is started with. */
export interface ShardStart {
  scenario: Scenario
  shard: Shard
  control: Int32Array
  /** Packed, without the telemetry; `null` for time 0. */
  state: ArrayBuffer | null
}

/**
 * A command, in force from the time on at which the shard stands when it reads it; or a wish for its state, or the detail of
 * one of its pools, as it is then. Wishes are answered in the order in which they come.
 */
export type ToShard =
  | { kind: 'routing'; routing: Routing; revision: number; mirrors?: Mirrors }
  | { kind: 'act'; act: Act }
  | { kind: 'save' }
  | { kind: 'detail'; wish: DetailWish }

/** Runs a shard for as long as its thread lives: sleeps until a stretch is asked for, runs it, says so. */
export function serveShard({ scenario, shard, control, state }: ShardStart, port: MessagePort): never {
  const simulation = state
    ? revive(unpackState(state) as Simulation, shard.telemetry)
    : createSimulation(scenario, shard)
  let round = 0
  try {
    for (;;) {
      Atomics.wait(control, ROUND, round)
      round = Atomics.load(control, ROUND)
      obey()
      advance(simulation, Atomics.load(control, MILLISECONDS) / 1000)
      Atomics.add(control, DONE, 1)
      Atomics.notify(control, DONE)
    }
  } catch (cause) {
    Atomics.add(control, FAILED, 1)
    Atomics.notify(control, DONE)
    throw cause
  }

  function obey(): void {
    for (;;) {
      const received = receiveMessageOnPort(port)
      if (!received) return
      const message = received.message as ToShard
      if (message.kind === 'routing') setRouting(simulation, message.routing, message.revision, message.mirrors)
      else if (message.kind === 'act') perform(simulation, message.act)
      else if (message.kind === 'detail') port.postMessage(poolDetail(simulation, message.wish))
      else save()
    }
  }

  function save(): void {
    const state = packState(withoutTelemetry(simulation))
    port.postMessage(state, [state])
  }
}
