/** Draws a few charts per animation frame: all at once would block the page for a tenth of a second, each alone would paint it as often. */
export interface CommitQueue {
  /** Puts a drawing in the queue; a later one of the same chart takes the place of the earlier. */
  request(chart: symbol, draw: () => void): void
  cancel(chart: symbol): void
  /** Charts that are to be drawn. */
  waiting(): number
}

/** No further chart is begun in an animation frame after this [ms]. */
const budgetMs = 8

export function createCommitQueue(
  nextFrame: (draw: () => void) => void,
  now: () => number = () => performance.now(),
): CommitQueue {
  const waiting = new Map<symbol, () => void>()
  let scheduled = false

  return {
    request(chart, draw) {
      waiting.set(chart, draw)
      schedule()
    },
    cancel: chart => waiting.delete(chart),
    waiting: () => waiting.size,
  }

  function schedule() {
    if (scheduled || waiting.size === 0) return
    scheduled = true
    nextFrame(() => {
      scheduled = false
      const began = now()
      for (const [chart, draw] of waiting) {
        waiting.delete(chart)
        draw()
        if (now() - began >= budgetMs) break
      }
      schedule()
    })
  }
}

/** The one queue of the page. */
export const commits = createCommitQueue(draw => requestAnimationFrame(draw))
