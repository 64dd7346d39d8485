import { int, real, type Replicas } from '../../simulation/serving/replicas'

/** An integer field of all replicas of a fleet, and a real one. */
export function integersOf(replicas: Replicas, field: number): number[] {
  return Array.from(replicas.due, (_, replica) => int(replicas, field, replica))
}

export function realsOf(replicas: Replicas, field: number): number[] {
  return Array.from(replicas.due, (_, replica) => real(replicas, field, replica))
}
