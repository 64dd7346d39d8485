/** Axes: extents and ticks that people would choose. */
export interface Scale {
  min: number
  max: number
  ticks: number[]
  /** Values are drawn at `place(value)`, between `place(min)` and `place(max)`. */
  place: (value: number) => number
}

/** From zero, for amounts; at most five gridlines. */
export function linearScale(highest: number): Scale {
  const top = Number.isFinite(highest) && highest > 0 ? highest * 1.04 : 1
  const step = niceStep(top / 5)
  const max = Math.ceil(top / step - 1e-9) * step
  return { min: 0, max, ticks: steps(0, max, step), place: value => value }
}

/** Logarithmic, for latency: whole decades of 1, 2 and 5, thinned to at most six gridlines. */
export function logScale(lowest: number, highest: number): Scale {
  if (!(lowest > 0) || !Number.isFinite(highest)) return logScale(0.01, 1)
  const all = decades(lowest / 1.1, highest * 1.1)
  const ticks = all.length <= 6 ? all : all.filter(tick => isDecade(tick))
  return { min: all[0] ?? lowest, max: all.at(-1) ?? highest, ticks, place: Math.log10 }
}

/** For shares that matter near 100 %: from the nearest of a few round shares below the lowest. */
export function nearOneScale(lowest: number): Scale {
  const min = [0.99, 0.98, 0.95, 0.9, 0.8, 0.5].find(floor => floor <= lowest) ?? 0
  return { min, max: 1, ticks: steps(min, 1, niceStep((1 - min) / 5)), place: value => value }
}

export interface Window {
  from: number
  to: number
}

const spans = [60, 120, 180, 300, 420, 600, 900, 1200, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400]

/** The shortest round span that holds what there is, at most two minutes of wall time and half an hour; ends now. */
export function windowOf(time: Float64Array, speed: number): Window {
  const to = time.at(-1) ?? 0
  const known = to - (time[0] ?? 0)
  const longest = Math.max(1800, speed * 120)
  const wanted = Math.min(known, longest)
  const span = spans.find(candidate => candidate >= wanted * 0.97) ?? 86_400
  return { from: to - span, to }
}

/** Round times of the clock, three or four of them; `offset` is the clock's second of the day at time 0. */
export function timeTicks({ from, to }: Window, offset: number): number[] {
  const step =
    [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600].find(wide => (to - from) / wide <= 5) ?? 43_200
  const first = Math.ceil((from + offset) / step) * step - offset
  // the last label belongs to now
  return steps(first, to - (to - from) * 0.12, step)
}

function steps(from: number, to: number, step: number): number[] {
  const count = Math.max(0, Math.floor((to - from) / step + 1e-9) + 1)
  return Array.from({ length: count }, (_, index) => from + index * step)
}

function niceStep(rough: number): number {
  const decade = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 2.5, 5, 10].find(nice => nice * decade >= rough * (1 - 1e-9)) ?? 10
  return factor * decade
}

function decades(lowest: number, highest: number): number[] {
  const ticks: number[] = []
  const first = Math.floor(Math.log10(lowest))
  for (let power = first; power <= Math.ceil(Math.log10(highest)); power++)
    for (const factor of [1, 2, 5]) ticks.push(Number((factor * 10 ** power).toPrecision(3)))
  const start = ticks.findLastIndex(tick => tick <= lowest)
  const end = ticks.findIndex(tick => tick >= highest)
  return ticks.slice(Math.max(0, start), end + 1)
}

function isDecade(tick: number): boolean {
  return Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-6
}
