/** Wrong tokens, counted by address. */
export interface Attempts {
  /** Counts one; gives for how long no other is looked at [ms], 0 while more may be tried. */
  wrong(address: string): number
}

export interface AttemptLimits {
  most: number
  withinMs: number
  now: () => number
}

const mostAddresses = 1000

/** So many wrong ones within a time. A right one passes all the same: behind one address may be a whole office. */
export function createAttempts({ most, withinMs, now }: AttemptLimits): Attempts {
  const seen = new Map<string, { count: number; until: number }>()

  return { wrong }

  function wrong(address: string): number {
    const before = seen.get(address)
    const entry = before && before.until > now() ? before : { count: 0, until: now() + withinMs }
    entry.count++
    const oldest = seen.keys().next()
    if (!before && seen.size >= mostAddresses && !oldest.done) seen.delete(oldest.value)
    seen.set(address, entry)
    return entry.count > most ? entry.until - now() : 0
  }
}
