import { Worker } from 'node:worker_threads'
import {
  advance,
  createSimulation,
  perform,
  planShards,
  poolDetail,
  revive,
  setRouting,
  shardsOf,
  shareTelemetry,
  timeOf,
  type Act,
  type DetailWish,
  type Mirrors,
  type PoolDetail,
  type Routing,
  type Scenario,
  type Simulation,
} from '../../simulation/index'
import { worker as place } from '../place'
import type { Snapshot } from './messages'
import { DONE, FAILED, MILLISECONDS, ROUND, type ShardStart, type ToShard } from './shard'
import { packState, unpackState } from './state'

/** A simulation on several threads, as if it were one: the same frames, bit for bit. */
export interface Shards {
  /** The shard of this thread; its telemetry is that of the whole fleet. */
  simulation: Simulation
  count: number
  /** Runs all shards to a time [s]. Blocks; throws if a thread has failed. */
  advance(time: number): void
  setRouting(routing: Routing, revision: number, mirrors?: Mirrors): void
  perform(act: Act): void
  /** A pool as it is now, wherever it is simulated; it may arrive later. */
  detail(wish: DetailWish): Promise<PoolDetail>
  /** The state of all shards as it is now, packed; it may arrive later. */
  save(): Promise<Pick<Snapshot, 'shards' | 'parts'>>
  stop(): Promise<void>
}

/**
 * Spreads a run over at most `threads` threads, this one included: as many as the fleet falls into parts. One that was saved
 * goes on in the parts in which it was.
 */
export function startShards(
  scenario: Scenario,
  threads: number,
  saved: Pick<Snapshot, 'shards' | 'parts'> | null = null,
): Shards {
  const parts = saved?.shards ?? shardsOf(scenario.fleet, threads)
  const [own, ...others] = parts.length > 1 ? planShards(scenario.fleet, parts) : []
  const [ownState = null, ...otherStates] = saved?.parts ?? []
  const simulation = ownState ? revive(unpackState(ownState) as Simulation) : createSimulation(scenario, own)
  if (ownState && own) shareTelemetry(simulation, own.telemetry)
  const control = new Int32Array(new SharedArrayBuffer(4 * Int32Array.BYTES_PER_ELEMENT))
  const crew = others.map((shard, index) => startShard({ scenario, shard, control, state: otherStates[index] ?? null }))

  return { simulation, count: parts.length, advance: run, setRouting: route, perform: carryOut, detail, save, stop }

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

  function route(routing: Routing, revision: number, mirrors?: Mirrors): void {
    setRouting(simulation, routing, revision, mirrors)
    for (const { thread } of crew) thread.postMessage({ kind: 'routing', routing, revision, mirrors } satisfies ToShard)
  }

  function carryOut(act: Act): void {
    perform(simulation, act)
    for (const { thread } of crew) thread.postMessage({ kind: 'act', act } satisfies ToShard)
  }

  async function detail(wish: DetailWish): Promise<PoolDetail> {
    const shard = others.findIndex(({ pools }) => pools.includes(wish.pool))
    const told = crew[shard]?.ask<PoolDetail>({ kind: 'detail', wish })
    if (!told) return poolDetail(simulation, wish)
    readMessages()
    return told
  }

  async function save(): Promise<Pick<Snapshot, 'shards' | 'parts'>> {
    const states = crew.map(({ ask }) => ask<ArrayBuffer>({ kind: 'save' }))
    readMessages()
    const state = packState(simulation)
    return { shards: parts, parts: [state, ...(await Promise.all(states))] }
  }

  /** A stretch of no time: shards read their messages at its start. */
  function readMessages(): void {
    run(timeOf(simulation))
  }

  async function stop(): Promise<void> {
    await Promise.all(crew.map(({ thread }) => thread.terminate()))
  }
}

interface CrewMember {
  thread: Worker
  /** It answers what it is asked in that order. */
  ask<Answer>(message: ToShard): Promise<Answer>
}

function startShard(data: ShardStart): CrewMember {
  const thread = new Worker(place.code, { workerData: data, eval: place.eval, execArgv: [], name: 'shard' })
  const asked: ((answer: never) => void)[] = []
  thread.on('message', answer => asked.shift()?.(answer as never))
  return {
    thread,
    ask: message =>
      new Promise(resolve => {
        asked.push(resolve)
        thread.postMessage(message)
      }),
  }
}
