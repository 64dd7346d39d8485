import type { WallClock } from '../../server/server'

export interface HandClock extends WallClock {
  /** Time goes on, and what was due by then is called, in its order [ms]. */
  pass(ms: number): void
}

/** A clock that a test moves by hand. */
export function createHandClock(): HandClock {
  let time = 0
  const calls = new Map<object, { due: number; call: () => void }>()
  const next = () => [...calls].sort(([, one], [, other]) => one.due - other.due)[0]

  return {
    now: () => time,
    date: () => Date.UTC(2027, 3, 14, 13) + time,
    after: (ms, call) => {
      const key = {}
      calls.set(key, { due: time + ms, call })
      return () => void calls.delete(key)
    },
    pass: ms => {
      const end = time + ms
      for (let first = next(); first && first[1].due <= end; first = next()) {
        const [key, { due, call }] = first
        calls.delete(key)
        time = due
        call()
      }
      time = end
    },
  }
}
