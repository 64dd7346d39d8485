/** After so many frames a client says which one it has; it may owe so many of these words. */
const period = 4
const owed = 2

/** What a client may still be sent: one that does not say that frames arrive is left out, so that it never shows old ones. */
export interface Credit {
  /** Whether a frame may be sent; counts it as sent or as skipped. */
  spend(sequence: number, writable: boolean): boolean
  /** The client has this frame. Whether it was left out and may be sent the newest one now. */
  earn(sequence: number): boolean
  /** Frames that it was not sent. */
  skipped(): number
}

export function createCredit(): Credit {
  // on their way, oldest first
  let sent: number[] = []
  let skipped = 0
  let leftOut = false
  return {
    spend: (sequence, writable) => {
      leftOut = !writable || sent.length >= period * owed
      if (leftOut) skipped++
      else sent.push(sequence)
      return !leftOut
    },
    earn: sequence => {
      sent = sent.filter(number => number > sequence)
      return leftOut && sent.length < period * owed
    },
    skipped: () => skipped,
  }
}
