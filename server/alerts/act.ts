import type { Command } from '../control/command'
import type { AlertRule } from './rule'
import { describeMatcher, type Matcher } from './silence'

/** What somebody does about alerts; it changes what is watched and told, never the run. */
export type AlertAct =
  | { kind: 'objective'; workload: string; target: number; period: number }
  | { kind: 'alert-rule'; rule: AlertRule }
  /** Takes a rule away; a built-in one is in force again as it was. */
  | { kind: 'remove-rule'; rule: string }
  | { kind: 'acknowledge'; alert: string }
  | { kind: 'silence'; matcher: Matcher; duration: number }
  | { kind: 'unsilence'; silence: string }

/** With what the watch keeps of it beside. */
export interface AlertEffect {
  kind: 'alert'
  act: AlertAct
  /** Key of the command. */
  id: string
  by: string
  reason: string | null
}

type AlertCommand = Extract<Command, { kind: AlertAct['kind'] }>

/** What a command does about alerts. */
export function alertActOf(command: AlertCommand): AlertAct {
  const { id: _id, reason: _reason, baseRevision: _base, dryRun: _dryRun, ...act } = command
  if (act.kind !== 'alert-rule') return act
  const { kind, ...rule } = act
  return { kind, rule }
}

/** "silence saturation of trn2-search for 10 min". */
export function describeAlertAct(act: AlertAct): string {
  switch (act.kind) {
    case 'objective':
      return `objective of ${act.workload}: ${percent(act.target)} over ${inWords(act.period)}`
    case 'alert-rule': {
      const { rule, metric, workload, pool, above, below } = act.rule
      const subject = workload ?? pool ?? 'the fleet'
      const of = subject === '*' ? `each ${workload === undefined ? 'pool' : 'workload'}` : subject
      return `alert rule ${rule}: ${metric} of ${of} ${above === undefined ? `below ${below}` : `above ${above}`}`
    }
    case 'remove-rule':
      return `no alert rule ${act.rule}`
    case 'acknowledge':
      return `acknowledge ${act.alert}`
    case 'silence':
      return `silence ${describeMatcher(act.matcher)} for ${inWords(act.duration)}`
    case 'unsilence':
      return `end of silence ${act.silence}`
  }
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(6))} %`
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Number((seconds / 60).toFixed(1))} min`
  return seconds < 172_800 ? `${Number((seconds / 3600).toFixed(1))} h` : `${Number((seconds / 86_400).toFixed(1))} d`
}
