import type { CommandEntry } from '../journal/entry'
import { turnOf } from '../rollout/act'
import { longestWindow, personOf } from './approvals'

/** What people sent elsewhere by their word alone, for as long as it may count. */
export interface Moves {
  enter(entry: CommandEntry): void
  /** Part of the traffic that a person moved since then [ms since 1970], with a ramp under way; may be more than 1. */
  since(person: string, since: number): number
}

interface Move {
  at: number
  radius: number
}

export function createMoves(): Moves {
  const moves = new Map<string, Move[]>()
  let ramp: { id: string; person: string; radius: number; begun: boolean } | null = null
  return { enter, since }

  function enter({ at, actor, effect, radius }: CommandEntry): void {
    const time = Date.parse(at)
    const turn = turnOf(effect)
    if (ramp && turn?.id === ramp.id) {
      if (turn.kind === 'step') ramp.begun = true
      // one that was called off before its first step moved nothing
      if (turn.kind === 'end' && ramp.begun) add(ramp.person, { at: time, radius: ramp.radius })
      if (turn.kind === 'end') ramp = null
    }
    if (!radius) return
    const person = personOf(actor.name)
    // it counts until it is over, and for a while after
    if (effect?.kind === 'ramp') ramp = { id: effect.plan.id, person, radius, begun: false }
    else add(person, { at: time, radius })
  }

  function add(person: string, move: Move): void {
    const kept = (moves.get(person) ?? []).filter(({ at }) => at > move.at - longestWindow * 1000)
    const last = kept.at(-1)
    // many within a second take the room of one
    if (last && move.at - last.at < 1000) kept[kept.length - 1] = { at: move.at, radius: last.radius + move.radius }
    else kept.push(move)
    moves.set(person, kept)
  }

  function since(person: string, since: number): number {
    const key = personOf(person)
    const under = ramp?.person === key ? ramp.radius : 0
    return (moves.get(key) ?? []).reduce((sum, { at, radius }) => (at >= since ? sum + radius : sum), under)
  }
}
