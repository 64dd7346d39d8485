/** How long a frame takes from the server to the screen, and how old it is, by a clock that skew of this machine does not move. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { createServerClock, type RoundTrip } from './server-clock'

/** Five minutes of frames. */
const kept = 1200
/** The percentile is taken anew after so many. */
const step = 4
/** No frame comes before it is taken: by more than this, the clocks have moved against each other [ms]. */
const tolerance = 1000

export const useLatency = defineStore('latency', () => {
  const clock = createServerClock()
  const times = new Float64Array(kept)
  let measured = 0
  /** From the taking of a frame to the paint after it was drawn [s]: 95 % of the last five minutes took no longer. */
  const p95 = ref<number | null>(null)
  /** Frames that the server did not send over this connection, because those before were not taken. */
  const skipped = ref(0)
  /** The newest frame, and when it was taken by the clock of this page [ms]; `null` where that is not known. */
  const arrival = shallowRef<{ sequence: number; taken: number | null } | null>(null)

  /** Another connection, perhaps to another server. */
  function begin() {
    clock.forget()
    skipped.value = 0
  }

  function hear(told: RoundTrip & { skipped: number }) {
    clock.hear(told)
    skipped.value = told.skipped
  }

  /** When a frame that is here now was taken, by the clock of this page [ms]; now, where that is not known. */
  function arrive(sequence: number, takenByServer: number | null): number {
    const now = performance.now()
    const taken = takenByServer === null ? null : clock.local(takenByServer)
    const known = taken !== null && taken < now + tolerance
    if (taken !== null && !known) clock.forget()
    arrival.value = { sequence, taken: known ? taken : null }
    return known ? Math.min(taken, now) : now
  }

  /** A frame that was taken then is on the screen now. */
  function paint(taken: number) {
    times[measured++ % kept] = Math.max(0, performance.now() - taken)
    if (measured % step !== 1) return
    const sorted = times.slice(0, measured).sort()
    p95.value = (sorted[Math.ceil(0.95 * sorted.length) - 1] ?? 0) / 1000
  }

  return { p95, skipped, arrival, begin, hear, arrive, paint }
})
