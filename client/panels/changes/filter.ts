import type { LocationQuery } from 'vue-router'
import type { AuditFilter } from '../../../server/protocol'

const kinds = [
  'routing',
  'roll-back',
  'mirror',
  'pace',
  'fault',
  'clear',
  'drain',
  'resume',
  'reprovision',
  'ramp',
  'cancel',
  'continue',
  'approve-step',
  'hold',
  'finish',
] as const
export const filterKinds: readonly (typeof kinds)[number][] = kinds

/** What the address asks for; what it says amiss is left out. */
export function filterOf(query: LocationQuery): AuditFilter {
  const revision = typeof query.revision === 'string' ? Number(query.revision) : NaN
  const kind = kinds.find(known => known === query.kind)
  return {
    ...(kind && { kind }),
    ...(Number.isInteger(revision) && revision > 0 && { revision }),
    ...textOf('by', query.by, 100),
    ...textOf('workload', query.workload, 100),
    ...textOf('text', query.text, 200),
  }
}

function textOf(name: string, value: LocationQuery[string] | undefined, longest: number): Record<string, string> {
  return typeof value === 'string' && value !== '' ? { [name]: value.slice(0, longest) } : {}
}
