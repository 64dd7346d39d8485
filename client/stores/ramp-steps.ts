/** Steps of a ramp as they are typed, and what holds each. Pure. */
import { duration, grouped } from '../format'
import type { Step } from '../../server/protocol'

/** What ends a step: all that is named. */
export type Held = Omit<Step, 'share'>

/** Shares of the way in per cent, as they are typed, and what holds each step; one holds them all. */
export interface TypedSteps {
  shares: string
  holds: readonly Held[]
}

/** `null` where they do not grow to 100 %, or one has nothing to be held by. */
export function stepsOf({ shares, holds }: TypedSteps): Step[] | null {
  const steps = percentsOf(shares)?.map((percent, index): Step => ({ share: percent / 100, ...heldAt(holds, index) }))
  return steps?.every(isHeld) ? steps : null
}

/** `null` where they do not grow to 100. */
export function percentsOf(shares: string): number[] | null {
  const percents = wordsOf(shares).map(Number)
  const grows = percents.every((percent, index) => percent > (percents[index - 1] ?? 0))
  return grows && percents.at(-1) === 100 ? percents : null
}

/** The numbers of what was typed, whatever lies between them. */
export function wordsOf(shares: string): string[] {
  return shares.split(/[\s,;→]+/).filter(Boolean)
}

/** Steps beyond those that have a hold of their own are held as the last one that has. */
export function heldAt(holds: readonly Held[], index: number): Held {
  return holds[Math.min(index, holds.length - 1)] ?? {}
}

/** "60 s", "1 000 req, approval". */
export function heldWords({ seconds, requests, approval }: Held): string {
  const parts = [
    ...(seconds === undefined ? [] : [duration(seconds)]),
    ...(requests === undefined ? [] : [`${grouped(requests)} req`]),
    ...(approval ? ['approval'] : []),
  ]
  return parts.join(', ')
}

/** When each step comes, as far as it is known beforehand: "+2 min", "after 1 000 req". */
export function stepNotes(steps: readonly Step[], begins: string): string[] {
  return steps.map((_, index) => {
    const before = steps.slice(0, index)
    const last = before.at(-1)
    if (!last) return begins
    if (before.some(({ requests, approval }) => requests !== undefined || approval)) return `after ${heldWords(last)}`
    return `+${duration(before.reduce((sum, { seconds = 0 }) => sum + seconds, 0))}`
  })
}

function isHeld({ seconds, requests, approval }: Held): boolean {
  const amounts = [seconds, requests].filter(amount => amount !== undefined)
  return amounts.every(amount => Number.isInteger(amount) && amount >= 1) && (amounts.length > 0 || approval === true)
}
