import type { Figure } from '../../simulation/index'

/** Means of figures by minute of simulated time, over an hour; the minute that fills is beside them. */
export interface Minutes {
  minute: number
  sums: number[]
  counts: number[]
  /** Closed ones, oldest first. */
  closed: { minute: number; means: Figure[] }[]
}

const kept = 61

export function createMinutes(): Minutes {
  return { minute: 0, sums: [], counts: [], closed: [] }
}

/** Adds the figures of a frame; whether a minute was closed by it. */
export function addFigures(minutes: Minutes, time: number, figures: readonly Figure[]): boolean {
  // a frame tells of the seconds before it; they lie on thousandths
  const minute = Math.ceil((time - 1e-6) / 60) - 1
  const closes = minute !== minutes.minute && minutes.counts.length > 0
  if (closes) {
    const means = minutes.sums.map((sum, place): Figure => {
      const count = minutes.counts[place] ?? 0
      return count > 0 ? Number((sum / count).toPrecision(6)) : null
    })
    minutes.closed.push({ minute: minutes.minute, means })
    if (minutes.closed.length > kept) minutes.closed.shift()
    minutes.sums = []
    minutes.counts = []
  }
  minutes.minute = minute
  figures.forEach((figure, place) => {
    minutes.sums[place] = (minutes.sums[place] ?? 0) + (figure ?? 0)
    minutes.counts[place] = (minutes.counts[place] ?? 0) + (figure === null ? 0 : 1)
  })
  return closes
}

/**
 * Middle and spread that odd values do not move as long as they are fewer than a fifth; `null` of none. The spread is that of a normal
 * distribution with these deviations, by half or by four fifths of them, whichever is wider: what swings often is not odd when it does.
 */
export function robust(values: readonly number[]): { median: number; sigma: number } | null {
  const median = medianOf(values)
  if (median === null) return null
  const deviations = values.map(value => Math.abs(value - median)).sort((one, other) => one - other)
  const wide = deviations[Math.floor(0.8 * (deviations.length - 1))] ?? 0
  return { median, sigma: Math.max(1.4826 * (medianOf(deviations) ?? 0), wide / 1.2816) }
}

function medianOf(values: readonly number[]): number | null {
  const sorted = [...values].sort((one, other) => one - other)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}
