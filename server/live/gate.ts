import type { Frame } from '../../simulation/index'
import type { Horizon } from '../journal/horizon'
import type { Beside } from './messages'

/**
 * Frames are noted ahead so many at a time, and again when so many of them are left: a run that comes back has to compute
 * them. One that cannot keep up takes long over each, and is noted frame by frame.
 */
const ahead = 4
const left = 2
/** A disk that takes longer does not hold up frames [ms]. */
const patienceMs = 1000

export interface GatePorts {
  horizon: Pick<Horizon, 'note'>
  /** Noted already. */
  noted: number
  show: (frame: Frame, beside: Beside) => void
  /** Why frames cannot be noted; `null` when they can again. */
  failing: (cause: string | null) => void
}

export interface Gate {
  take(frame: Frame, beside: Beside): void
  /** Calls when all frames that were taken before are shown. */
  after(call: () => void): void
}

/**
 * Shows a frame only when it is noted on disk that it may be seen, so that a run that comes back goes on at or after it.
 * Where nothing can be noted, or not in time, frames are shown all the same.
 */
export function createGate({ horizon, noted, show, failing }: GatePorts): Gate {
  const waiting: ({ frame: Frame; beside: Beside } | { call: () => void })[] = []
  let shown = noted
  let asked = noted

  return { take, after }

  function after(call: () => void): void {
    waiting.push({ call })
    open()
  }

  function take(frame: Frame, beside: Beside): void {
    waiting.push({ frame, beside })
    open()
    if (beside.behind > 0) {
      if (frame.sequence > asked) void note(frame.sequence)
    } else if (frame.sequence + left > asked) void note(frame.sequence + ahead)
  }

  async function note(sequence: number): Promise<void> {
    asked = sequence
    const timer = setTimeout(() => {
      failing(`the disk takes longer than ${patienceMs} ms`)
      pass(sequence)
    }, patienceMs)
    try {
      await horizon.note(sequence)
      failing(null)
    } catch (cause) {
      failing(cause instanceof Error ? cause.message : String(cause))
    }
    clearTimeout(timer)
    pass(sequence)
  }

  function pass(sequence: number): void {
    shown = Math.max(shown, sequence)
    open()
  }

  function open(): void {
    for (;;) {
      const next = waiting[0]
      if (!next || ('frame' in next && next.frame.sequence > shown)) return
      waiting.shift()
      if ('call' in next) next.call()
      else show(next.frame, next.beside)
    }
  }
}
