import { addF64, f64 } from '../columns'
import type { FleetState } from '../serving/fleet-state'
import { drawnPower } from '../serving/power'
import type { PoolState } from '../serving/pool'
import { inFlight } from './telemetry'

/** Samples every pool: requests and KV cache now, and the energy drawn since the last sample, `seconds` ago. */
export function sample(fleet: FleetState, seconds: number): void {
  const { telemetry } = fleet
  for (const pool of fleet.pools) {
    let running = 0
    let waiting = 0
    for (let flow = pool.firstFlow; flow < pool.firstFlow + pool.flows; flow++) {
      running += f64(telemetry.flowRunning, flow)
      waiting += inFlight(telemetry, flow) - f64(telemetry.flowRunning, flow) - f64(telemetry.transferring, flow)
    }
    addF64(telemetry.pool.runningTime, pool.index, running * seconds)
    addF64(telemetry.pool.waitingTime, pool.index, waiting * seconds)
    addF64(telemetry.pool.kvTime, pool.index, f64(telemetry.kv, pool.index) * seconds)
    sampleEnergy(fleet, pool, seconds)
  }
}

function sampleEnergy(fleet: FleetState, pool: PoolState, seconds: number): void {
  const { telemetry } = fleet
  const { index } = pool
  if (pool.power === null) return
  const compute = f64(telemetry.pool.compute, index)
  const memory = f64(telemetry.pool.memory, index)
  const time = pool.replicas * seconds
  const computeShare = (compute - f64(telemetry.sampledCompute, index)) / time
  const memoryShare = (memory - f64(telemetry.sampledMemory, index)) / time
  telemetry.sampledCompute[index] = compute
  telemetry.sampledMemory[index] = memory
  const chips = pool.replicas * pool.chipsPerReplica
  addF64(telemetry.pool.energy, index, chips * drawnPower(pool.power, computeShare, memoryShare) * seconds)
}
