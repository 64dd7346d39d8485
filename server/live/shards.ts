import { Worker } from 'node:worker_threads'
import {
  advance,
  createSimulation,
  perform,
  planShards,
  setRouting,
  shardsOf,
  type Act,
  type Routing,
  type Scenario,
  type Simulation,
} from '../../simulation/index'
import { worker as place } from '../place'
import { DONE, FAILED, MILLISECONDS, ROUND, type ShardStart, type ToShard } from './shard'

/** A simulation on several threads, as if it were one: the same frames, bit for bit. */
export interface Shards {
  /** The shard of this thread; its telemetry is that of the whole fleet. */
  simulation: Simulation
  /** Runs all shards to a time [s]. Blocks; throws if a thread has failed. */
  advance(time: number): void
  setRouting(routing: Routing, revision: number): void
  perform(act: Act): void
  stop(): Promise<void>
}

/** Spreads a run over at most `threads` threads, this one included: as many as the fleet falls into parts. */
export function startShards(scenario: Scenario, threads: number): Shards {
  const parts = shardsOf(scenario.fleet, threads)
  const [own, ...others] = parts.length > 1 ? planShards(scenario.fleet, parts) : []
  const simulation = createSimulation(scenario, own)
  const control = new Int32Array(new SharedArrayBuffer(4 * Int32Array.BYTES_PER_ELEMENT))
  const crew = others.map(shard => startShard({ scenario, shard, control }))
  return { simulation, advance: run, setRouting: route, perform: carryOut, stop }

  function run(time: number): void {
    if (crew.length === 0) return advance(simulation, time)
    Atomics.store(control, DONE, 0)
    Atomics.store(control, MILLISECONDS, Math.round(time * 1000))
    Atomics.add(control, ROUND, 1)
    Atomics.notify(control, ROUND)
    advance(simulation, time)
    for (;;) {
      const done = Atomics.load(control, DONE)
      if (Atomics.load(control, FAILED) > 0) throw new Error('a thread of the simulation has failed')
      if (done === crew.length) return
      Atomics.wait(control, DONE, done, 1000)
    }
  }

  function route(routing: Routing, revision: number): void {
    setRouting(simulation, routing, revision)
    for (const thread of crew) thread.postMessage({ kind: 'routing', routing, revision } satisfies ToShard)
  }

  function carryOut(act: Act): void {
    perform(simulation, act)
    for (const thread of crew) thread.postMessage({ kind: 'act', act } satisfies ToShard)
  }

  async function stop(): Promise<void> {
    await Promise.all(crew.map(thread => thread.terminate()))
  }
}

function startShard(data: ShardStart): Worker {
  return new Worker(place.code, { workerData: data, eval: place.eval, execArgv: [], name: 'shard' })
}
