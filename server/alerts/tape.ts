/** Counters of a run over its past: marks that lie further apart the older they are, so that any window is known to some per cent. */
export interface Tape {
  /** Simulated [s], ascending. */
  times: number[]
  /** By mark, what had been counted by then. */
  counts: number[][]
}

/** Marks lie at least so far apart [s], and this part of their age. */
const finest = 0.5
const part = 1 / 50

/** Counting begins at zero. */
export function createTape(width: number): Tape {
  return { times: [0], counts: [Array.from({ length: width }, () => 0)] }
}

/** Marks what is counted by now; one mark older than the length [s] stays. */
export function record({ times, counts }: Tape, time: number, count: number[], length: number): void {
  times.push(time)
  counts.push(count)
  for (let mark = times.length - 2; mark > 0; mark--) {
    const [before, at, after] = [times[mark - 1] ?? 0, times[mark] ?? 0, times[mark + 1] ?? 0]
    if (after - before > Math.max(finest, (time - at) * part)) continue
    times.splice(mark, 1)
    counts.splice(mark, 1)
  }
  while ((times[1] ?? Infinity) <= time - length) {
    times.shift()
    counts.shift()
  }
}

/** What was counted from then on until the newest mark; even between two marks. */
export function countedSince({ times, counts }: Tape, time: number, column: number): number {
  const after = times.findIndex(mark => mark >= time)
  const newest = counts.at(-1)?.[column] ?? 0
  if (after < 0) return 0
  const [from = time, to = time] = [times[after - 1], times[after]]
  const [low = 0, high = low] = [counts[Math.max(0, after - 1)]?.[column], counts[after]?.[column]]
  const share = to > from ? (time - from) / (to - from) : 0
  return newest - (after === 0 ? high : low + share * (high - low))
}
