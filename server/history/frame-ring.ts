import type { Frame } from '../../simulation/index'

/** The newest frames, whole. */
export interface FrameRing {
  add(frame: Frame): void
  newest(): Frame | null
  /** Frames after a sequence number, oldest first, and the oldest sequence number that is kept. */
  since(sequence: number): { from: number; frames: Frame[] }
}

/** A frame at rest: as text it takes a quarter of the memory, and leaves nothing for the collector to trace. */
interface Kept {
  sequence: number
  text: string
}

/** By default two minutes of them. */
export function createFrameRing(capacity = 480): FrameRing {
  const ring: Kept[] = []
  let newest: Frame | null = null
  let next = 0

  return {
    add: frame => {
      newest = frame
      ring[next % capacity] = { sequence: frame.sequence, text: JSON.stringify(frame) }
      next++
    },
    newest: () => newest,
    since: sequence => {
      const kept = [...ring.slice(next % capacity), ...ring.slice(0, next % capacity)]
      const missed = kept.filter(frame => frame.sequence > sequence)
      return { from: kept[0]?.sequence ?? 0, frames: missed.map(({ text }): Frame => JSON.parse(text)) }
    },
  }
}
