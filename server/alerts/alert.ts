import type { Figure } from '../../simulation/index'
import type { AlertRule, Subject } from './rule'

/** Something that a rule complains of. */
export interface Alert extends Subject {
  /** Of its rule and what it is about: `saturation/trn2-search`. */
  id: string
  rule: string
  metric: string
  severity: AlertRule['severity']
  /** Pending until it has lasted as long as its rule asks for. */
  state: 'pending' | 'firing'
  /** When the figure went past the threshold, and when it began to fire [simulated s]. */
  since: number
  firedAt: number | null
  value: number
  threshold: number
  /** The furthest that the figure went. */
  worst: number
  /** Since when there is no figure to judge by. */
  unknownSince: number | null
  acknowledged: { by: string; at: number; reason: string | null } | null
}

/** One that fired and is over. */
export interface PastAlert extends Omit<Alert, 'state'> {
  state: 'over'
  ended: number
  how: 'cleared' | 'no figure' | 'rule changed'
}

/** An alert without a figure is over after so long [simulated s]. */
const patience = 60

export function isPast({ above, below }: Pick<AlertRule, 'above' | 'below'>, figure: number): boolean {
  return above !== undefined ? figure > above : below !== undefined && figure < below
}

/** Back at where its rule calls it over; between that and the threshold it stays what it is. */
function isBack({ above, below, clear }: AlertRule, figure: number): boolean {
  if (above !== undefined) return figure <= (clear ?? above)
  return below !== undefined && figure >= (clear ?? below)
}

/** Goes on with an alert, or begins one, by the figure of a frame; `null` where there is none. */
export function judge(
  rule: AlertRule,
  subject: Subject & { id: string },
  before: Alert | undefined,
  figure: Figure,
  time: number,
): Alert | PastAlert | null {
  if (!before)
    return figure !== null && isPast(rule, figure) ? fired(rule, begin(rule, subject, figure, time), time) : null
  if (figure === null) {
    const unknownSince = before.unknownSince ?? time
    if (time - unknownSince < patience) return { ...before, unknownSince }
    return end(before, time, 'no figure')
  }
  const seen = { ...before, value: figure, worst: further(rule, before.worst, figure), unknownSince: null }
  // one that is pending has to be past its threshold all the time
  const over = before.state === 'pending' ? !isPast(rule, figure) : isBack(rule, figure)
  return over ? end(seen, time, 'cleared') : fired(rule, seen, time)
}

/** `null` of one that never fired. */
export function end(alert: Alert, ended: number, how: PastAlert['how']): PastAlert | null {
  return alert.state === 'firing' ? { ...alert, state: 'over', ended, how } : null
}

function begin(rule: AlertRule, subject: Subject & { id: string }, figure: number, time: number): Alert {
  return {
    ...subject,
    rule: rule.rule,
    metric: rule.metric,
    severity: rule.severity,
    state: 'pending',
    since: time,
    firedAt: null,
    value: figure,
    threshold: rule.above ?? rule.below ?? 0,
    worst: figure,
    unknownSince: null,
    acknowledged: null,
  }
}

function fired(rule: AlertRule, alert: Alert, time: number): Alert {
  // frames lie on thousandths of a second
  if (alert.state === 'firing' || time - alert.since < rule.for - 1e-6) return alert
  return { ...alert, state: 'firing', firedAt: time }
}

function further({ above }: AlertRule, worst: number, figure: number): number {
  return above !== undefined ? Math.max(worst, figure) : Math.min(worst, figure)
}
