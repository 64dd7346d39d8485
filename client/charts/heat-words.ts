/** A heatmap in words, for those who do not see it, and as a table. */
import type { TimingName } from '../../simulation/index'
import { clock, digits, duration, text } from '../format'
import type { Sheet } from '../export'
import { bordersOf, fullest, together, total, within, type HeatChart, type HeatReading } from './heat'

export const timingNames: Record<TimingName, { title: string; long: string; what: string }> = {
  ttft: { title: 'TTFT', long: 'time to first token', what: 'requests' },
  itl: { title: 'ITL', long: 'inter-token latency', what: 'tokens' },
  e2e: { title: 'E2E', long: 'end to end', what: 'requests' },
}

/** What there is, half and 95 % of it, and where most lies. */
export function heatSentence(chart: HeatChart, pool: string): string {
  const { title, what } = timingNames[chart.timing]
  const { from, to } = chart.window
  const counts = together(chart)
  const count = total(counts)
  const head = `${title} of ${pool} over ${duration(to - from)}, log.`
  if (count === 0) return `${head} No ${what}.`
  const most = fullest(counts)
  return [
    head,
    `${digits('samples', count)} ${what}: half within ${say(within(chart, counts, 0.5))}, 95 % within ${say(within(chart, counts, 0.95))}.`,
    most === null ? '' : `Most took ${between(chart, most)}.`,
  ].join(' ')
}

/** "14:07:32, 95 to 120 ms: 34 of 80 requests". */
export function cellSentence(chart: HeatChart, { column, bucket }: HeatReading, epoch: string): string {
  const read = chart.columns[column]
  if (!read) return ''
  const { what } = timingNames[chart.timing]
  const at = clock(epoch, read.to)
  const all = `${digits('samples', read.count)} ${what}`
  if (bucket === null)
    return read.count === 0 ? `${at}, no ${what}` : `${at}, ${all}, half within ${say(within(chart, read.counts, 0.5))}`
  return `${at}, ${between(chart, bucket)}: ${digits('samples', read.counts.get(bucket) ?? 0)} of ${all}`
}

/** One line a column, newest first. */
export function heatRows(chart: HeatChart, epoch: string) {
  return chart.columns.toReversed().map(({ to, counts, count }) => {
    const most = fullest(counts)
    return {
      to,
      at: clock(epoch, to),
      count: digits('samples', count),
      half: say(within(chart, counts, 0.5)),
      most95: say(within(chart, counts, 0.95)),
      longest: say(within(chart, counts, 1)),
      fullest: most === null ? '–' : between(chart, most),
    }
  })
}

/** Every cell with samples, in base units. */
export function heatSheet(chart: HeatChart, pool: string, epoch: string): Sheet {
  const { title, what } = timingNames[chart.timing]
  return {
    title: `${title} of ${pool}`,
    note: heatSentence(chart, pool),
    columns: [
      { name: 'from', unit: 's' },
      { name: 'to', unit: 's' },
      { name: 'clock', unit: 'UTC' },
      { name: `${title} above`, unit: 's' },
      { name: `${title} at most`, unit: 's' },
      { name: what },
    ],
    rows: chart.columns.flatMap(({ from, to, counts }) =>
      [...counts]
        .sort(([a], [b]) => a - b)
        .map(([bucket, count]) => {
          const [above, most] = bordersOf(chart, bucket).map(time => Number(time.toPrecision(5)))
          return [from, to, clock(epoch, to), above ?? null, most ?? null, count]
        }),
    ),
  }
}

function between(chart: HeatChart, bucket: number): string {
  const [low, high] = bordersOf(chart, bucket)
  return `${say(low)} to ${say(high)}`
}

function say(seconds: number | null): string {
  return text('latency', seconds)
}
