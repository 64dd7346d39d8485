/** What waits for a person: a change to be approved, a ramp that stands still or was taken back. Pure. */
import type { Approvals, Hello, RampView } from '../../server/protocol'

export interface Awaited {
  /** It changes when something else is meant. */
  key: string
  sentence: string
  rest: string
  /** What the page of routing does not show by itself. */
  over: boolean
}

export interface Standing {
  ramp: RampView | null
  approvals: Approvals
  you: Hello['you'] | null
}

/** The most pressing first. */
export function awaitedOf({ ramp, approvals, you }: Standing): Awaited[] {
  const approves = you?.role === 'admin' || you?.role === 'approver'
  const isOwn = (name: string) => name.toLowerCase() === you?.name.toLowerCase()
  const others = approves ? approvals.waiting.filter(({ by }) => !isOwn(by)) : []
  const [first] = others
  return [
    ...(ramp ? rampAwaits(ramp, approves && (!isOwn(ramp.plan.by) || you?.name === 'local')) : []),
    ...(first
      ? [
          {
            key: others.map(({ id }) => id).join(' '),
            sentence:
              others.length === 1
                ? `A change of ${first.by} waits for approval.`
                : `${others.length} changes wait for approval.`,
            rest: first.summary,
            over: false,
          },
        ]
      : []),
  ]
}

function rampAwaits({ plan, step, held, ended, approved }: RampView, approves: boolean): Awaited[] {
  const { id, by, steps } = plan
  if (ended)
    return ended.how === 'rolled back'
      ? [{ key: `${id} ended`, sentence: `The ramp of ${by} was rolled back.`, rest: ended.why ?? '', over: true }]
      : []
  const place = `at step ${step} of ${steps.length}`
  if (held)
    return [
      {
        key: `${id} held`,
        sentence: `The ramp of ${by} is held${step > 0 ? ` ${place}` : ''}.`,
        rest: held.why,
        over: false,
      },
    ]
  if (!approves || approved || steps[step - 1]?.approval !== true) return []
  return [{ key: `${id} ${step}`, sentence: `The ramp of ${by} waits for approval ${place}.`, rest: '', over: false }]
}
