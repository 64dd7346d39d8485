import type { FleetView } from '../../simulation/index'
import type { RunHistory } from '../stores/history'

/** The fleet and its history as if it had only these families, given by index; all of them if none are given. */
export function narrow(fleet: FleetView, history: RunHistory, families?: number[]) {
  if (!families) return { fleet, history }
  const kept = families.flatMap(index => fleet.families[index] ?? [])
  const family: RunHistory['family'] = (index, metric) => history.family(families[index] ?? -1, metric)
  return { fleet: { ...fleet, families: kept }, history: { ...history, family } }
}
