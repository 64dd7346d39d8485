import { addF64, f64, i32 } from '../columns'
import { followClocks } from '../serving/clocks'
import type { FleetState } from '../serving/fleet-state'
import { drawnPower } from '../serving/power'
import type { PoolState } from '../serving/pool'
import { inFlight } from './telemetry'

/** Samples every pool: requests and KV cache now, and the energy drawn since the last sample, `seconds` ago. */
export function sample(fleet: FleetState, seconds: number): void {
  const { telemetry, health } = fleet
  for (const pool of fleet.own) {
    let running = 0
    let waiting = 0
    for (let lane = 0; lane < pool.lanesInUse; lane++) {
      const flow = lane < pool.flows ? pool.firstFlow + lane : pool.firstMirror + lane - pool.flows
      running += f64(telemetry.flowRunning, flow)
      waiting += inFlight(telemetry, flow) - f64(telemetry.flowRunning, flow) - f64(telemetry.transferring, flow)
    }
    addF64(telemetry.pool.runningTime, pool.index, running * seconds)
    addF64(telemetry.pool.waitingTime, pool.index, waiting * seconds)
    addF64(telemetry.pool.kvTime, pool.index, f64(telemetry.kv, pool.index) * seconds)
    addF64(telemetry.pool.provisioned, pool.index, pool.replicas * seconds)
    addF64(telemetry.pool.lost, pool.index, i32(health.lost, pool.index) * seconds)
    sampleEnergy(fleet, pool, seconds)
  }
}

function sampleEnergy(fleet: FleetState, pool: PoolState, seconds: number): void {
  const { telemetry, health } = fleet
  const { index } = pool
  const throttled = health.throttled[index] === 1
  if (pool.power === null && !throttled) return
  // a lost chip draws what it draws idle until it is taken out, a lost node nothing
  const lit = pool.replicas - i32(health.dark, index)
  const time = lit * seconds
  const since = (counter: Float64Array, sampled: Float64Array): number => {
    const grown = f64(counter, index) - f64(sampled, index)
    sampled[index] = f64(counter, index)
    return time > 0 ? grown / time : 0
  }
  const activity = {
    busy: since(telemetry.pool.busy, telemetry.sampledBusy),
    compute: since(telemetry.pool.compute, telemetry.sampledCompute),
    memory: since(telemetry.pool.memory, telemetry.sampledMemory),
    steps: since(telemetry.pool.steps, telemetry.sampledSteps),
  }
  if (pool.power !== null) {
    const drawn = drawnPower(
      pool.power,
      activity,
      f64(health.clock, index),
      Math.min(f64(health.cap, index), pool.power.limit),
    )
    addF64(telemetry.pool.energy, index, lit * pool.chipsPerReplica * drawn * seconds)
  }
  if (throttled) followClocks(fleet, pool, activity, fleet.now)
}
