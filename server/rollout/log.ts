import type { CommandEntry } from '../journal/entry'
import type { Progress } from '../live/messages'
import { turnOf } from './act'
import type { RampPlan } from './plan'
import type { End, Ramp, Turn } from './ramp'

/** The ramp that is under way, or the newest one that was. */
export interface RampView {
  plan: RampPlan
  /** Steps taken, and when the newest one was, or the ramp began [simulated s]. */
  step: number
  since: number
  approved: boolean
  held: { cause: string; why: string; since: number } | null
  ended: { how: End; by: string; why: string | null; time: number } | null
  /** Finished since the newest step, where the ramp leads to. */
  requests: number
  /** By guard: how it stood at the newest frame; empty until one was judged. */
  verdicts: Ramp['verdicts']
}

/** What the journal tells of ramps, with what frames tell of the one that is under way. */
export interface RampLog {
  newest(): RampView | null
  running(): RampView | null
  /** Takes in an entry; whether it was about a ramp. */
  enter(entry: CommandEntry): boolean
  hear(progress: Progress): void
}

export function createRampLog(): RampLog {
  let ramp: RampView | null = null
  return { newest: () => ramp, running, enter, hear }

  function running(): RampView | null {
    return ramp && !ramp.ended ? ramp : null
  }

  function enter(entry: CommandEntry): boolean {
    const { effect, time } = entry
    if (effect?.kind === 'ramp') {
      const { plan } = effect
      ramp = { plan, step: 0, since: time, approved: false, held: null, ended: null, requests: 0, verdicts: [] }
      return true
    }
    const turn = turnOf(effect)
    if (!turn || ramp?.plan.id !== turn.id) return false
    ramp = turned(ramp, turn, entry)
    return true
  }

  function hear({ id, held, verdicts, requests }: Progress): void {
    if (ramp && ramp.plan.id === id && !ramp.ended) ramp = { ...ramp, held, verdicts, requests }
  }
}

function turned(ramp: RampView, turn: Turn, { time, actor, command }: CommandEntry): RampView {
  switch (turn.kind) {
    case 'step':
      return { ...ramp, step: turn.step, since: time, approved: false, held: null, requests: 0 }
    case 'hold':
      return { ...ramp, held: { cause: turn.cause, why: turn.why, since: time } }
    case 'continue':
      return { ...ramp, held: null }
    case 'approve':
      return { ...ramp, approved: true }
    case 'end':
      return { ...ramp, held: null, ended: { how: turn.how, by: actor.name, why: command.reason ?? null, time } }
  }
}
