import type { DetailWish } from '../../simulation/index'
import { detailRequest } from '../detail/request'
import type { Detail } from '../live/messages'
import type { DetailAnswer } from '../protocol'
import { refusalOf } from '../refusal'
import { refused } from './guard'
import type { Client, Live } from './live'

/** Different wishes that are kept at a time, over all clients: each costs the run once a second. */
const mostWishes = 32
/** Wall time between two details of the same pool [ms]. */
const intervalMs = 1000
/** Simulated time after which another is due sooner [s]: they tell the seconds of so long a window. */
const window = 15
/** After each the run rests from them so many times as long as it took, at most so long [ms]. */
const rests = 3
const longestRestMs = 100

interface Room {
  wish: DetailWish
  watchers: Set<Client>
}

/** Who looks into which pool; equal wishes are asked for once and sent as one. */
export interface Details {
  /** Answers `detail`: the wish takes the place of the one before, `null` ends it. */
  wish(socket: Client, payload: unknown): DetailAnswer
  leave(socket: Client): void
  /** A frame of this simulated time [s] is shown. */
  frame(time: number): void
}

export interface DetailPorts {
  /** Of the fleet. */
  poolCount: number
  ask: (wish: DetailWish) => Promise<Detail>
  /** Never goes back [ms]. */
  now: () => number
}

export function createDetails(io: Live, { poolCount, ask, now }: DetailPorts): Details {
  const rooms = new Map<string, Room>()
  /** Keys of those that are to be told, in the order in which they are. */
  const due = new Set<string>()
  let working = false
  let told = { at: -Infinity, time: -Infinity }

  return { wish, leave, frame }

  function wish(socket: Client, payload: unknown): DetailAnswer {
    const { success, data, error } = detailRequest.safeParse(payload)
    if (!success) return { ok: false, error: refusalOf(error, payload, 'detail') }
    const { pool, ...window } = data
    if (pool === null) {
      leave(socket)
      return { ok: true, pool }
    }
    if (pool >= poolCount) return refused('detail.pool', pool, `a pool from 0 to ${poolCount - 1}`)
    const wanted = { pool, ...window }
    const key = roomOf(wanted)
    const others = [...rooms].filter(([, { watchers }]) => watchers.size > (watchers.has(socket) ? 1 : 0))
    if (others.length >= mostWishes && !others.some(([room]) => room === key))
      return refused('detail.pool', pool, `one of the ${mostWishes} that others look into, or later`)
    leave(socket)
    const room = rooms.get(key) ?? { wish: wanted, watchers: new Set() }
    rooms.set(key, room)
    room.watchers.add(socket)
    void socket.join(key)
    tell([key])
    return { ok: true, pool }
  }

  function leave(socket: Client): void {
    for (const [key, { watchers }] of rooms) {
      if (!watchers.delete(socket)) continue
      void socket.leave(key)
      if (watchers.size === 0) rooms.delete(key)
    }
  }

  function frame(time: number): void {
    if (now() - told.at < intervalMs && time - told.time < window) return
    told = { at: now(), time }
    tell(rooms.keys())
  }

  function tell(keys: Iterable<string>): void {
    for (const key of keys) due.add(key)
    if (!working) void work()
  }

  /** One after the other, with rests between. */
  async function work(): Promise<void> {
    working = true
    for (const key of due) {
      due.delete(key)
      const room = rooms.get(key)
      if (!room) continue
      const begun = now()
      const detail = await ask(room.wish).catch(() => null)
      // the run has ended, and all connections will
      if (!detail) break
      const lagging = [...room.watchers].filter(({ conn }) => !conn.transport.writable).map(({ id }) => id)
      io.to(key).except(lagging).emit('detail', detail)
      await rest(Math.min(longestRestMs, (now() - begun) * rests))
    }
    working = false
  }
}

function roomOf({ pool, from, count, order, replica }: DetailWish): string {
  return `detail ${[pool, from, count, order, replica].join(' ')}`
}

function rest(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
