/** Draws one chart per animation frame: all at once would block the page for a tenth of a second. */
export interface CommitQueue {
  /** Puts a drawing in the queue; a later one of the same chart takes the place of the earlier. */
  request(chart: symbol, draw: () => void): void
  cancel(chart: symbol): void
  /** Charts that are to be drawn. */
  waiting(): number
}

export function createCommitQueue(nextFrame: (draw: () => void) => void): CommitQueue {
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
      const next = waiting.entries().next().value
      if (!next) return
      waiting.delete(next[0])
      next[1]()
      schedule()
    })
  }
}

/** The one queue of the page. */
export const commits = createCommitQueue(draw => requestAnimationFrame(draw))
