import { addF64, f64, i32 } from '../columns'
import type { FleetState } from '../serving/fleet-state'
import { drawnPower } from '../serving/power'
import type { PoolState } from '../serving/pool'
import { inFlight } from './telemetry'

/** Samples every pool: requests and KV cache now, and the energy drawn since the last sample, `seconds` ago. */
export function sample(fleet: FleetState, seconds: number): void {
  fleet.pools.forEach((pool, index) => {
    sampleRequests(fleet, pool, index)
    sampleEnergy(fleet, pool, index, seconds)
    const { telemetry } = fleet
    addF64(telemetry.pool.runningTime, index, f64(telemetry.running, index) * seconds)
    addF64(telemetry.pool.waitingTime, index, f64(telemetry.waiting, index) * seconds)
    addF64(telemetry.pool.kvTime, index, f64(telemetry.kv, index) * seconds)
  })
}

function sampleRequests(fleet: FleetState, pool: PoolState, index: number): void {
  const { telemetry, replicas } = fleet
  let running = 0
  let outstanding = 0
  let kv = 0
  for (let replica = pool.first; replica < pool.first + pool.replicas; replica++) {
    const decoding = i32(fleet.running.count, replica)
    running += decoding + i32(replicas.batchCount, replica)
    outstanding += i32(replicas.outstanding, replica)
    kv += f64(replicas.kvUsed, replica) + decoding * i32(replicas.settled, replica)
  }
  telemetry.running[index] = running
  telemetry.waiting[index] = outstanding - running
  telemetry.kv[index] = kv
  sampleFlows(fleet, pool, running, outstanding)
}

/** Running requests of each flow of a pool: its decoding ones, or its part of the queries in batches. */
function sampleFlows(fleet: FleetState, pool: PoolState, running: number, outstanding: number): void {
  const { replicas, telemetry } = fleet
  const { firstFlow, flows, first } = pool
  for (let i = 0; i < flows; i++) telemetry.flowRunning[firstFlow + i] = 0
  if (pool.serving.kind === 'tokens') {
    for (let replica = first; replica < first + pool.replicas; replica++) {
      const lanes = i32(replicas.lanes, replica)
      for (let i = 0; i < flows; i++) addF64(telemetry.flowRunning, firstFlow + i, i32(replicas.laneRunning, lanes + i))
    }
  } else if (outstanding > 0) {
    for (let i = 0; i < flows; i++) {
      telemetry.flowRunning[firstFlow + i] = (running * inFlight(telemetry, firstFlow + i)) / outstanding
    }
  }
}

function sampleEnergy(fleet: FleetState, pool: PoolState, index: number, seconds: number): void {
  const { telemetry } = fleet
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
