/** Keys of a chart that is focused: reading, selecting, walking from mark to mark, zooming; what is read is said. */
import { computed, ref, shallowRef, type Ref } from 'vue'
import { useRouter } from 'vue-router'
import { clock } from '../format'
import { useMarks } from '../stores/marks'
import { useRun } from '../stores/run'
import { useView } from '../stores/view'
import type { LineChart } from './lines'
import { markAfter, readingAfter, type Reading } from './reading'
import type { Window } from './scale'
import { pointSentence } from './words'

export interface ChartActs {
  select: (span: Window) => void
  zoom: (time: number, factor: number) => void
  reset: () => void
}

export function useReading(chart: Readonly<Ref<LineChart>>, { select, zoom, reset }: ChartActs) {
  const run = useRun()
  const view = useView()
  const happened = useMarks()
  const router = useRouter()
  const reading = shallowRef<Reading | null>(null)
  const said = ref('')
  const epoch = computed(() => run.fleet?.epoch ?? null)

  const keys: Record<string, () => void> = {
    PageUp: () => walk(-1),
    PageDown: () => walk(1),
    Enter: enter,
    Escape: () => (reading.value ? leave() : reset()),
    '+': () => zoom(reading.value?.time ?? middle(), 0.5),
    '-': () => zoom(reading.value?.time ?? middle(), 2),
    0: reset,
  }

  return { reading, said, press, leave }

  function press(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return
    const next = readingAfter(chart.value, reading.value, event)
    const act = keys[event.key]
    if (next) read(next)
    else if (act) act()
    else return
    event.preventDefault()
  }

  function read(next: Reading) {
    reading.value = next
    view.crosshair = next.time
    const line = chart.value.lines.find(({ id }) => id === next.line)
    if (!line || !epoch.value) return
    const from = next.from === null ? [] : [`selected from ${clock(epoch.value, next.from)}`]
    said.value = [pointSentence(chart.value, line, next.time, epoch.value), ...from].join(', ')
  }

  /** To the mark before or after; it can then be opened. */
  function walk(way: 1 | -1) {
    const { window, lines } = chart.value
    const next = markAfter(happened.marks, window, reading.value, way)
    if (!next || !epoch.value) {
      said.value = way < 0 ? 'No mark before' : 'No mark after'
      return
    }
    reading.value = { time: next.time, line: reading.value?.line ?? lines[0]?.id ?? '', from: null, mark: next.id }
    view.crosshair = next.time
    said.value = `${next.kind} ${next.name}, ${clock(epoch.value, next.time)}: ${next.summary}. Enter opens it.`
  }

  /** Zooms to what is selected, else opens the mark where one is. */
  function enter() {
    const { from = null, time = NaN, mark: id } = reading.value ?? {}
    if (from !== null) return select({ from: Math.min(from, time), to: Math.max(from, time) })
    const mark = happened.marks.find(each => (id ? each.id === id : Math.abs(each.time - time) < 1e-6))
    if (mark) void router.push(mark.to)
  }

  function leave() {
    reading.value = null
    view.crosshair = null
  }

  function middle(): number {
    const { from, to } = chart.value.window
    return (from + to) / 2
  }
}
