/** Notes when each frame has been drawn, its charts too, and painted. */
import { watch } from 'vue'
import { commits } from './charts/commits'
import { useLatency } from './stores/latency'
import { useRun } from './stores/run'

/** Charts that are drawn again and again for other reasons are not waited for longer [animation frames]. */
const patience = 30

export function notePaints() {
  const run = useRun()
  const latency = useLatency()
  const channel = new MessageChannel()
  const painted: (() => void)[] = []
  // the first task after a paint
  channel.port1.onmessage = () => painted.shift()?.()

  watch(
    () => latency.arrival,
    arrival => {
      if (!arrival || arrival.taken === null || document.hidden) return
      const { sequence, taken } = arrival
      afterDrawing(() => {
        // a screen that shows another moment has not drawn it
        if (run.frame && run.frame.sequence >= sequence && !document.hidden) latency.paint(taken)
      }, patience)
    },
  )

  function afterDrawing(then: () => void, left: number) {
    requestAnimationFrame(() => {
      if (commits.waiting() > 0 && left > 0) return afterDrawing(then, left - 1)
      painted.push(then)
      channel.port2.postMessage(null)
    })
  }
}
