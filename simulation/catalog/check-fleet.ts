import { checkFaults } from '../faults/fault'
import { serves, checkRouting, type Refusal } from '../routing/routing'
import type { Chip, Precision } from './chips'
import type { Fleet, Pool } from './fleets'
import { bytesPerElement, type Model } from './models'
import {
  calibrationOf,
  chipsPerReplica,
  findChip,
  findModel,
  kvBlocks,
  modelOf,
  namesOf,
  residentWeights,
  usableMemory,
} from './lookup'

/** Why a fleet cannot run, or `null` if it can: unknown names, a model that does not fit, contradictory parallelism. */
export function checkFleet(fleet: Fleet): Refusal | null {
  for (const [index, pool] of fleet.pools.entries()) {
    const field = `pools[${index}]`
    if (fleet.pools.findIndex(other => other.id === pool.id) < index) {
      return { field: `${field}.id`, value: pool.id, expected: 'an id that no other pool has' }
    }
    const refusal = checkPool(fleet, pool, field)
    if (refusal) return refusal
  }
  for (const [index, workload] of fleet.workloads.entries()) {
    const field = `workloads[${index}]`
    if (fleet.workloads.findIndex(other => other.id === workload.id) < index) {
      return { field: `${field}.id`, value: workload.id, expected: 'an id that no other workload has' }
    }
    if (!fleet.pools.some(pool => serves(pool, workload))) {
      return { field: `${field}.model`, value: workload.model, expected: 'a model that some pool serves' }
    }
    if (!Object.hasOwn(fleet.routing, workload.id)) {
      return { field: `routing.${workload.id}`, value: undefined, expected: 'the routes of the workload' }
    }
  }
  if (fleet.failures !== undefined && !(fleet.failures >= 0 && fleet.failures < Infinity)) {
    return { field: 'failures', value: fleet.failures, expected: 'how many times as often as measured, 0 or more' }
  }
  return checkRouting(fleet, fleet.routing) ?? checkFaults(fleet)
}

function checkPool(fleet: Fleet, pool: Pool, field: string): Refusal | null {
  const chip = findChip(fleet, pool.chip)
  if (!chip) return { field: `${field}.chip`, value: pool.chip, expected: `one of ${namesOf(fleet.chips, 'chips')}` }
  if (!findModel(fleet, pool.model)) {
    return { field: `${field}.model`, value: pool.model, expected: `one of ${namesOf(fleet.models, 'models')}` }
  }
  if (chip.peakFlops[pool.precision] === undefined && !expandsWeights(chip, modelOf(fleet, pool), pool.precision)) {
    const known = Object.keys(chip.peakFlops).join(', ')
    return { field: `${field}.precision`, value: pool.precision, expected: `one that ${chip.name} has: ${known}` }
  }
  if (!calibrationOf(fleet, pool)) {
    return {
      field: `${field}.engine`,
      value: pool.engine,
      expected: `an engine calibrated for ${chip.name} at ${pool.precision}`,
    }
  }
  return checkSizes(pool, field) ?? checkMemory(fleet, pool, field)
}

/**
 * Whether a chip without arithmetic of a precision can expand weights of it to 16 bits: integers of 4 bits, and floats of 4
 * bits where the model is published so.
 */
function expandsWeights(chip: Chip, model: Model, precision: Precision): boolean {
  const expandable = precision === 'int4' || (precision === 'fp4' && bytesPerElement(model.precision) < 1)
  return expandable && chip.peakFlops.bf16 !== undefined
}

function checkSizes(pool: Pool, field: string): Refusal | null {
  const least = pool.capacity === undefined ? 1 : 0
  if (!Number.isInteger(pool.replicas) || pool.replicas < least)
    return { field: `${field}.replicas`, value: pool.replicas, expected: `a whole number of ${least} or more` }
  const sizes = [
    'tensorParallel',
    'pipelineParallel',
    'expertParallel',
    'dataParallel',
    'maxSequences',
    'stepTokenBudget',
    'queueLimit',
  ] as const
  for (const size of sizes) {
    const value = pool[size]
    if (!Number.isInteger(value) || value < 1)
      return { field: `${field}.${size}`, value, expected: 'a whole number of 1 or more' }
  }
  if (pool.capacity !== undefined && !(Number.isInteger(pool.capacity) && pool.capacity >= pool.replicas)) {
    const expected = `a whole number of ${pool.replicas} or more, as many as it has replicas`
    return { field: `${field}.capacity`, value: pool.capacity, expected }
  }
  if (!(pool.memoryFraction > 0 && pool.memoryFraction <= 1)) {
    return { field: `${field}.memoryFraction`, value: pool.memoryFraction, expected: 'a number above 0, up to 1' }
  }
  const ranks = pool.tensorParallel * pool.dataParallel
  if (ranks % pool.expertParallel !== 0) {
    return {
      field: `${field}.expertParallel`,
      value: pool.expertParallel,
      expected: `a divisor of the ${ranks} tensor and data parallel ranks`,
    }
  }
  if (pool.maxSequences >= pool.stepTokenBudget) {
    return {
      field: `${field}.maxSequences`,
      value: pool.maxSequences,
      expected: `less than the step budget of ${pool.stepTokenBudget} tokens`,
    }
  }
  return null
}

function checkMemory(fleet: Fleet, pool: Pool, field: string): Refusal | null {
  if (pool.role === 'training') return null
  const fits =
    modelOf(fleet, pool).kind === 'tokens'
      ? kvBlocks(fleet, pool) >= 1
      : residentWeights(fleet, pool) <= usableMemory(fleet, pool)
  if (fits) return null
  return {
    field: `${field}.model`,
    value: pool.model,
    expected: `weights that fit, with room for a KV cache, on ${chipsPerReplica(pool)} × ${pool.chip}`,
  }
}
