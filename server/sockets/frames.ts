import type { FrameRing } from '../history/frame-ring'
import type { FramesAnswer } from '../protocol'
import { refusalOf } from '../refusal'
import { framesRequest } from './events'
import { refused } from './guard'

/** A full answer is many megabytes. */
const leastIntervalMs = 500

export interface Asker {
  now: () => number
  /** Whether the client has taken everything that was sent to it. */
  taken: () => boolean
  /** Hears up to where it has them. */
  asked: (since: number) => void
}

/** Answers `frames` for one client: what it missed since a sequence number, as far as it is kept. */
export function framesHandler(frames: FrameRing, { now, taken, asked }: Asker): (payload: unknown) => FramesAnswer {
  let last = -Infinity
  return payload => {
    const { success, data, error } = framesRequest.safeParse(payload)
    if (!success) return { ok: false, error: refusalOf(error, payload, 'frames') }
    if (now() - last < leastIntervalMs) return refused('frames', data.since, 'half a second between two requests')
    if (last > -Infinity && !taken()) return refused('frames', data.since, 'the answer before it to be taken first')
    last = now()
    asked(data.since)
    return { ok: true, ...frames.since(data.since) }
  }
}
