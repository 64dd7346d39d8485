import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createAcknowledgement } from '../../client/acknowledgement'
import { useLatency } from '../../client/stores/latency'

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
})
afterEach(() => {
  vi.useRealTimers()
})

/** The clock of the server is this far ahead of that of the page [ms]. */
const ahead = 1_764_000_000_000
const server = () => ahead + performance.now()

/** A round trip of some milliseconds, of which a part is the way there. */
function trip(milliseconds: number, there = 0.5) {
  const sent = performance.now()
  vi.advanceTimersByTime(milliseconds * there)
  const now = server()
  vi.advanceTimersByTime(milliseconds * (1 - there))
  return { sent, got: performance.now(), now, skipped: 0 }
}

test('a frame is as old as the server says, whatever the clock of this machine', () => {
  const latency = useLatency()
  const taken = server()
  vi.advanceTimersByTime(400)
  expect(performance.now() - latency.arrive(1, taken)).toBe(0)
  latency.hear(trip(20))
  vi.setSystemTime(Date.now() + 3_600_000)
  expect(performance.now() - latency.arrive(2, server() - 300)).toBeCloseTo(300, 3)
})

test('the quickest round trip is believed: slow ones say little', () => {
  const latency = useLatency()
  latency.hear(trip(10))
  latency.hear(trip(900, 0.95))
  expect(performance.now() - latency.arrive(1, server() - 300)).toBeCloseTo(300, 3)
})

test('a clock by which frames come from the future is forgotten, as is that of another server', () => {
  const latency = useLatency()
  latency.hear(trip(10))
  expect(performance.now() - latency.arrive(1, server() + 60_000)).toBe(0)
  expect(latency.arrival).toEqual({ sequence: 1, taken: null })
  latency.hear(trip(10))
  latency.begin()
  expect(performance.now() - latency.arrive(2, server() - 300)).toBe(0)
})

test('nineteen of twenty frames take no longer from the server to the screen than is told', () => {
  const latency = useLatency()
  for (let frame = 1; frame <= 401; frame++) {
    const taken = performance.now()
    vi.advanceTimersByTime(frame % 20 === 0 ? 900 : frame % 20)
    latency.paint(taken)
  }
  expect(latency.p95).toBeCloseTo(0.019, 6)
})

test('every fourth frame is acknowledged, and at once after a gap; the first few and every tenth ask for an answer', () => {
  const acknowledge = createAcknowledgement()
  const words = Array.from({ length: 57 }, (_, index) => acknowledge(100 + index))
  expect(words.flatMap((word, index) => (word === 'none' ? [] : [`${index} ${word}`]))).toEqual([
    '0 ask',
    '4 ask',
    '8 ask',
    '12 ask',
    ...[16, 20, 24, 28, 32, 36].map(index => `${index} say`),
    '40 ask',
    ...[44, 48, 52, 56].map(index => `${index} say`),
  ])
  expect([acknowledge(200), acknowledge(201)]).toEqual(['ask', 'none'])
})
