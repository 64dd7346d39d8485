import type { Figure } from '../../simulation/index'
import { describeBreach, figureOf, judge, type Places, type Sight, type Verdict } from './guard'
import type { Guard, RampPlan, Step } from './plan'

/** How long a figure has to be within its limit again before a ramp goes on by itself [simulated s]. */
export const calm = 15

/** Why a ramp does not go on: a guard, too little to judge by. */
export type HoldCause = 'guard' | 'traffic'

/** Where a ramp stands; plain data, a part of the run. */
export interface Ramp {
  plan: RampPlan
  /** Steps that it has taken. */
  step: number
  /** Of the newest step, or of the beginning [simulated s]. */
  since: number
  /** Requests that had finished by then where the ramp leads to. */
  finishedBefore: number
  /** Figures that the guards watch, before the first step. */
  before: Figure[]
  approved: boolean
  /** Somebody said to go on in spite of what held it at this step. */
  waived: boolean
  held: { cause: HoldCause; why: string; since: number } | null
  /** When a guard that holds was breached last [simulated s]. */
  breached: number | null
  verdicts: Verdict[]
  due: Due | null
}

/** What a ramp does by itself, as soon as it is written down. */
export type Due =
  | { kind: 'step'; step: number; why: string }
  | { kind: 'roll-back'; why: string }
  | { kind: 'hold'; cause: HoldCause; why: string }
  | { kind: 'finish'; why: string }

/** What commands and a ramp's own acts do to it. */
export type Turn =
  | { kind: 'step'; id: string; step: number }
  | { kind: 'hold'; id: string; cause: HoldCause; why: string }
  | { kind: 'continue'; id: string }
  | { kind: 'approve'; id: string }
  /** Done, cancelled, rolled back, or in the way of another change. */
  | { kind: 'end'; id: string; how: End }

export type End = 'done' | 'rolled back' | 'cancelled' | 'overtaken'

export function beginRamp(plan: RampPlan, time: number): Ramp {
  return {
    plan,
    step: 0,
    since: time,
    finishedBefore: 0,
    before: [],
    approved: false,
    waived: false,
    held: null,
    breached: null,
    verdicts: [],
    due: null,
  }
}

/** After a frame: what the guards say, and what is to be done. */
export function look(ramp: Ramp, sight: Sight, places: Places): Ramp {
  const begun = ramp.step > 0
  if (!begun && ramp.plan.at !== null && sight.time < ramp.plan.at) return { ...ramp, due: null }
  const { guards } = ramp.plan
  // until it has moved anything, the state before is the present one
  const before = begun ? ramp.before : guards.map(guard => figureOf(sight.window, guard, places))
  const verdicts = guards.map((guard, index) => judge(guard, sight, before[index] ?? null, places))
  const breach = (action: Guard['action']): number =>
    guards.findIndex((guard, index) => guard.action === action && verdicts[index]?.state === 'breach')
  const seen = { ...ramp, before, verdicts }
  const why = (index: number): string => words(guards, verdicts, index)
  const harm = breach('roll-back')
  if (harm >= 0 && begun) return { ...seen, due: { kind: 'roll-back', why: why(harm) } }
  const trouble = harm >= 0 ? harm : breach('hold')
  const breached = trouble >= 0 ? sight.time : ramp.breached
  return decide({ ...seen, breached }, sight, trouble < 0 ? null : why(trouble))
}

/** Whether a step is over, and what keeps the ramp from going on. */
function decide(ramp: Ramp, sight: Sight, trouble: string | null): Ramp {
  const { plan, step, held, waived, breached } = ramp
  const next: Due =
    step < plan.steps.length
      ? { kind: 'step', step: step + 1, why: describeStep(plan, step + 1) }
      : { kind: 'finish', why: `all ${plan.steps.length} steps taken` }
  const over = isOver(ramp, sight)
  const goOn = { ...ramp, held: null, due: over ? next : null }
  if (waived) return goOn
  const holdFor = (cause: HoldCause, why: string): Ramp =>
    held?.cause === cause ? { ...ramp, due: null } : { ...ramp, due: { kind: 'hold', cause, why } }
  if (trouble !== null) return holdFor('guard', step > 0 ? trouble : `before any step: ${trouble}`)
  if (held?.cause === 'guard' && breached !== null && sight.time - breached < calm) return { ...ramp, due: null }
  // where no traffic goes yet there is nothing to judge
  const missing = over && step > 0 ? ramp.verdicts.findIndex(({ state }) => state === 'unknown') : -1
  return missing < 0 ? goOn : holdFor('traffic', describeLack(plan.guards, ramp.verdicts, missing))
}

function isOver({ plan, step, since, finishedBefore, approved }: Ramp, { time, finished }: Sight): boolean {
  const current = plan.steps[step - 1]
  if (!current) return true
  // frames lie on thousandths of a second
  if (current.seconds !== undefined && time - since < current.seconds - 1e-6) return false
  if (current.requests !== undefined && finished - finishedBefore < current.requests) return false
  return current.approval !== true || approved
}

/** What is done, once it is written down. */
export function turn(ramp: Ramp, done: Turn, { time, finished }: Pick<Sight, 'time' | 'finished'>): Ramp | null {
  switch (done.kind) {
    case 'step': {
      const fresh = { approved: false, waived: false, held: null, breached: null, due: null }
      return { ...ramp, ...fresh, step: done.step, since: time, finishedBefore: finished }
    }
    case 'hold':
      return { ...ramp, held: { cause: done.cause, why: done.why, since: time }, due: null }
    case 'continue':
      return { ...ramp, waived: true, held: null, due: null }
    case 'approve':
      return { ...ramp, approved: true, due: null }
    case 'end':
      return null
  }
}

function words(guards: readonly Guard[], verdicts: readonly Verdict[], index: number): string {
  const [guard, verdict] = [guards[index], verdicts[index]]
  return guard && verdict ? describeBreach(guard, verdict) : ''
}

function describeLack(guards: readonly Guard[], verdicts: readonly Verdict[], index: number): string {
  const [guard, verdict] = [guards[index], verdicts[index]]
  if (!guard || !verdict) return ''
  const what = `${guard.metric} of ${guard.workload ?? guard.pool ?? 'the fleet'}`
  if (verdict.limit === null) return `nothing to compare with: ${what} was unknown before the first step`
  if (verdict.samples === null) return `${what} is unknown`
  return `too little traffic: ${verdict.samples} of ${guard.samples} requests to judge ${what} by`
}

/** "step 2 of 5, 25 %". */
export function describeStep({ steps }: { steps: readonly Step[] }, step: number): string {
  const share = steps[step - 1]?.share ?? 0
  return `step ${step} of ${steps.length}, ${Number((100 * share).toPrecision(4))} %`
}
