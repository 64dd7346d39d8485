import type { Simulation } from './simulation'
import { state } from './state'
import { adoptTelemetry, type Telemetry } from './telemetry/telemetry'

/** A run whose state came back as plain data, from bytes or another thread, as fast as one that was created here. */
export function revive(simulation: Simulation, telemetry: Telemetry = simulation.fleet.telemetry): Simulation {
  const { fleet } = simulation
  const { flows, requests, replicas, running, prefixes } = fleet
  return {
    ...simulation,
    fleet: state({
      ...fleet,
      flows: state(flows),
      requests: state(requests),
      replicas: state(replicas),
      running: state(running),
      prefixes: state(prefixes),
      telemetry: adoptTelemetry(telemetry),
    }),
  }
}
