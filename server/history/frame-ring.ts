import type { Frame } from '../../simulation/index'

/** The newest frames, whole. */
export interface FrameRing {
  add(frame: Frame): void
  newest(): Frame | null
  /** Frames after a sequence number, oldest first, and the oldest sequence number that is kept. */
  since(sequence: number): { from: number; frames: Frame[] }
}

/** By default two minutes of them. */
export function createFrameRing(capacity = 480): FrameRing {
  const ring: Frame[] = []
  let next = 0

  return {
    add: frame => {
      ring[next % capacity] = frame
      next++
    },
    newest: () => ring[(next - 1) % capacity] ?? null,
    since: sequence => {
      const kept = [...ring.slice(next % capacity), ...ring.slice(0, next % capacity)]
      return { from: kept[0]?.sequence ?? 0, frames: kept.filter(frame => frame.sequence > sequence) }
    },
  }
}
