import type { PoolColumns } from '../live/messages'
import type { WatchAnswer } from '../protocol'
import { refusalOf } from '../refusal'
import { watchRequest } from './events'
import { refused } from './guard'
import type { Client, Live } from './live'

/** Different sets of pools that are watched at a time, and pools in all of them: each costs the run with every frame. */
const mostSets = 32
const mostPools = 256

interface WatchedSet {
  pools: number[]
  watchers: Set<Client>
}

/** Who watches which pools beyond those of the frame; equal sets are sent as one. */
export interface Watching {
  /** Answers `watch`: the set takes the place of the one before, an empty one ends it. */
  watch(socket: Client, payload: unknown): WatchAnswer
  leave(socket: Client): void
  /** Ways to send the figures that came with a frame, set by set, to all but some. */
  send(sequence: number, watched: PoolColumns, except: string[]): (() => void)[]
}

export interface WatchPorts {
  /** Of the fleet. */
  poolCount: number
  /** Tells the run which pools are watched by anybody. */
  ask: (pools: number[]) => void
}

export function createWatching(io: Live, { poolCount, ask }: WatchPorts): Watching {
  const sets = new Map<string, WatchedSet>()
  let asked = new Set<number>()

  return { watch, leave, send }

  function watch(socket: Client, payload: unknown): WatchAnswer {
    const { success, data, error } = watchRequest.safeParse(payload)
    if (!success) return { ok: false, error: refusalOf(error, payload, 'watch') }
    const strange = data.pools.find(pool => pool >= poolCount)
    if (strange !== undefined) return refused('watch.pools', strange, `pools from 0 to ${poolCount - 1}`)
    const pools = [...new Set(data.pools)].sort((a, b) => a - b)
    const cause = tooMuch(socket, pools)
    if (cause) return refused('watch.pools', pools.length, cause)
    drop(socket)
    if (pools.length > 0) add(socket, pools)
    tell()
    return { ok: true, pools }
  }

  function leave(socket: Client): void {
    drop(socket)
    tell()
  }

  function send(sequence: number, { pools, columns }: PoolColumns, except: string[]): (() => void)[] {
    const rowOf = new Map(pools.map((pool, row) => [pool, row]))
    return [...sets].flatMap(([room, set]) => {
      const rows = set.pools.flatMap(pool => rowOf.get(pool) ?? [])
      // the run has not heard of it yet
      if (rows.length < set.pools.length) return []
      const figures = { sequence, pools: set.pools, columns: pick(columns, rows) }
      return [() => void io.to(room).except(except).emit('pools', figures)]
    })
  }

  /** Why a set cannot be watched beside those of others. */
  function tooMuch(socket: Client, pools: readonly number[]): string | null {
    const others = [...sets].filter(([, { watchers }]) => watchers.size > (watchers.has(socket) ? 1 : 0))
    if (pools.length > 0 && others.length >= mostSets && !others.some(([room]) => room === roomOf(pools)))
      return `one of the ${mostSets} sets that others watch, or later`
    const all = new Set([...pools, ...others.flatMap(([, set]) => set.pools)])
    return all.size > mostPools ? `pools that others watch, or later: ${mostPools} are watched at a time` : null
  }

  function add(socket: Client, pools: number[]): void {
    const room = roomOf(pools)
    const set = sets.get(room) ?? { pools, watchers: new Set() }
    sets.set(room, set)
    set.watchers.add(socket)
    void socket.join(room)
  }

  function drop(socket: Client): void {
    for (const [room, { watchers }] of sets) {
      if (watchers.delete(socket)) void socket.leave(room)
      if (watchers.size === 0) sets.delete(room)
    }
  }

  function tell(): void {
    const all = new Set([...sets.values()].flatMap(({ pools }) => pools))
    if (all.size === asked.size && [...all].every(pool => asked.has(pool))) return
    asked = all
    ask([...all])
  }
}

function roomOf(pools: readonly number[]): string {
  return `pools ${pools.join(' ')}`
}

function pick(columns: PoolColumns['columns'], rows: readonly number[]): PoolColumns['columns'] {
  return Object.fromEntries(
    Object.entries(columns).map(([metric, column]) => [metric, rows.map(row => column[row] ?? null)]),
  ) as PoolColumns['columns']
}
