/** What a rule may be about and which figures it may watch, as a form chooses them. Pure. */
import type { AlertRule } from '../../../server/protocol'
import type { Frame } from '../../../simulation/index'

const burning = ['burnFastest', 'burnFast', 'burnSlow', 'burnSlowest', 'budgetLeft', 'rejectedShare']

/** "fleet", "pool *", "workload chat". */
export function scopeOf(rule: Pick<AlertRule, 'workload' | 'pool'> | null): string {
  if (rule?.workload !== undefined) return `workload ${rule.workload}`
  if (rule?.pool !== undefined) return `pool ${rule.pool}`
  return rule ? 'fleet' : 'pool *'
}

export function subjectOf(scope: string): Pick<AlertRule, 'workload' | 'pool'> {
  const [kind, ...rest] = scope.split(' ')
  const id = rest.join(' ')
  if (kind === 'workload') return { workload: id }
  return kind === 'pool' ? { pool: id } : {}
}

/** Figures of frames of what is watched, and those that only rules know. */
export function metricsFor(frame: Frame | null, scope: string): string[] {
  if (!frame) return []
  if (scope.startsWith('workload')) return [...burning, ...Object.keys(frame.workloads)]
  return scope.startsWith('pool') ? ['waitingShare', ...Object.keys(frame.pools)] : Object.keys(frame.fleet)
}
