import { z } from 'zod'
import type { Alert } from './alert'

const name = z.string().min(1).max(100)

/** Which alerts are meant: those that fit all that it names. */
export const matcherSchema = z
  .strictObject({
    rule: name.optional(),
    workload: name.optional(),
    pool: name.optional(),
    severity: z.enum(['warning', 'critical']).optional(),
  })
  .refine(matcher => Object.keys(matcher).length > 0, { error: 'a rule, workload, pool or severity' })

export type Matcher = z.output<typeof matcherSchema>

/** Alerts that nobody is to be told of for a while. */
export interface Silence {
  /** Key of the command. */
  id: string
  matcher: Matcher
  by: string
  reason: string
  /** Simulated [s]. */
  since: number
  until: number
}

export function isMeant(matcher: Matcher, alert: Pick<Alert, 'rule' | 'workload' | 'pool' | 'severity'>): boolean {
  const { rule, workload, pool, severity } = matcher
  return (
    (rule === undefined || rule === alert.rule) &&
    (workload === undefined || workload === alert.workload) &&
    (pool === undefined || pool === alert.pool) &&
    (severity === undefined || severity === alert.severity)
  )
}

/** "saturation of trn2-search". */
export function describeMatcher({ rule, workload, pool, severity }: Matcher): string {
  const subject = workload ?? pool
  return `${severity === undefined ? '' : `${severity} `}${rule ?? 'alerts'}${subject === undefined ? '' : ` of ${subject}`}`
}
