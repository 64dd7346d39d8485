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
  'stop',
  'resume',
  'reprovision',
  'ramp',
  'cancel',
  'continue',
  'approve-step',
  'approve',
  'decline',
  'approval-limit',
  'objective',
  'alert-rule',
  'remove-rule',
  'acknowledge',
  'silence',
  'unsilence',
  'hold',
  'finish',
] as const
export const filterKinds: readonly (typeof kinds)[number][] = kinds

export const filterKeys = ['kind', 'revision', 'of', 'by', 'workload', 'text'] as const

/** What the address asks for; what it says amiss is left out. */
export function filterOf(query: LocationQuery): AuditFilter {
  const kind = kinds.find(known => known === query.kind)
  return {
    ...(kind && { kind }),
    ...numberOf('revision', query.revision),
    ...numberOf('of', query.of),
    ...textOf('by', query.by, 100),
    ...textOf('workload', query.workload, 100),
    ...textOf('text', query.text, 200),
  }
}

function numberOf(name: string, value: LocationQuery[string] | undefined): Record<string, number> {
  const number = typeof value === 'string' ? Number(value) : NaN
  return Number.isInteger(number) && number > 0 ? { [name]: number } : {}
}

function textOf(name: string, value: LocationQuery[string] | undefined, longest: number): Record<string, string> {
  return typeof value === 'string' && value !== '' ? { [name]: value.slice(0, longest) } : {}
}
