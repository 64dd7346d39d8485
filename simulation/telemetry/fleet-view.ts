import type { Calibration } from '../catalog/calibration'
import { carbonIntensity } from '../catalog/carbon'
import { chips, families, type Chip } from '../catalog/chips'
import type { Fleet, Pool } from '../catalog/fleets'
import {
  blockSize,
  calibrationOf,
  chipOf,
  chipsPerReplica,
  findChip,
  kvBlocks,
  modelOf,
  residentWeights,
  usableMemory,
} from '../catalog/lookup'
import { chipHour, prices } from '../catalog/prices'
import type { Fact } from '../catalog/source'
import { powerBeyondChip, unlistedPower } from '../catalog/system-power'
import { findSystem, type System } from '../catalog/systems'
import type { Workload } from '../catalog/workloads'
import { flowsOf } from '../serving/flows'
import { GB } from '../units'
import { familiesOf } from './families'
import type { FleetView, PoolView, SourcedFigure, SystemView } from './frame'

/** What a screen needs to know of a fleet before its first frame. */
export function viewFleet(fleet: Fleet): FleetView {
  const names = familiesOf(fleet)
  const pools = fleet.pools.map(pool => viewPool(fleet, pool, names.indexOf(chipOf(fleet, pool).family)))
  const flows = flowsOf(fleet)
  return {
    id: fleet.id,
    name: fleet.name,
    note: fleet.note,
    epoch: fleet.epoch,
    pricing: fleet.pricing ?? 'ownership',
    systems: [...new Set(fleet.pools.map(({ chip }) => chip))].flatMap(chip => {
      const system = findSystem(chip)
      return system ? [viewSystem(fleet, system)] : []
    }),
    families: names.map((id, index) => ({
      id,
      name: families[id],
      chips: pools.filter(pool => pool.family === index).reduce((sum, pool) => sum + pool.chips, 0),
    })),
    workloads: fleet.workloads.map(workload => ({
      id: workload.id,
      name: workload.name,
      tenant: workload.tenant,
      kind: workload.kind,
      model: workload.model,
      modelName: modelOf(fleet, workload).name,
      objectives: workload.objectives,
      price: workload.price,
    })),
    pools,
    flows,
    impossible: fleet.workloads.flatMap((workload, index) =>
      names.flatMap((_, family) => {
        const members = fleet.pools.filter((_, pool) => pools[pool]?.family === family)
        const served = flows.some(flow => flow.workload === index && pools[flow.pool]?.family === family)
        return served ? [] : [{ workload: index, family, cause: whyImpossible(fleet, members, workload) }]
      }),
    ),
  }
}

/** Why none of a family's pools serves a workload: the model is too large for all of them, or just not there. */
function whyImpossible(fleet: Fleet, pools: readonly Pool[], workload: Workload): string {
  const model = modelOf(fleet, workload)
  const weights = Math.min(...pools.map(pool => residentWeights(fleet, { ...pool, model: workload.model })))
  const memory = Math.max(...pools.map(pool => usableMemory(fleet, pool)))
  if (weights <= memory) return `No pool with ${model.name}`
  return `${Math.round(weights / GB)} GB of weights, ${Math.round(memory / GB)} GB in a replica`
}

function viewPool(fleet: Fleet, pool: Pool, family: number): PoolView {
  const chip = chipOf(fleet, pool)
  const calibration = calibrationOf(fleet, pool)
  if (!calibration) throw new Error(`pool ${pool.id}: no calibration`)
  return {
    id: pool.id,
    family,
    chip: pool.chip,
    chipName: chip.name,
    system: findSystem(pool.chip)?.name ?? null,
    zone: pool.zone,
    model: pool.model,
    modelName: modelOf(fleet, pool).name,
    precision: pool.precision,
    engine: pool.engine,
    replicas: pool.replicas,
    chips: pool.replicas * chipsPerReplica(pool),
    maxSequences: pool.maxSequences,
    kvCapacity: pool.role === 'training' ? 0 : kvBlocks(fleet, pool) * blockSize * pool.replicas,
    basis: calibration.basis,
    basisNote: describe(calibration),
    chipHour: sourced(chipHour(pool.chip, fleet.pricing)),
    chipPower: viewPower(pool.chip, chip),
    gridCarbon: sourced(carbonIntensity(pool.zone)),
  }
}

/** A chip with its share of the system at the limit. */
function viewPower(key: string, { powerLimit, sources }: Chip): SourcedFigure | null {
  if (powerLimit === null) return null
  const { basis, source } = prices[key]?.systemPower ?? sources.powerLimit ?? { basis: 'vendor', source: '' }
  return { value: powerLimit + powerBeyondChip(key, powerLimit), basis, source }
}

function viewSystem(fleet: Fleet, system: System): SystemView {
  const limit = findChip(fleet, system.chip)?.powerLimit ?? null
  return {
    chip: system.chip,
    name: system.name,
    chips: system.chips,
    parts: system.parts.map(({ kind, name, count, bandwidth, watts, price, source }) => ({
      kind,
      name,
      count,
      bandwidth,
      watts: sourced(watts),
      price: sourced(price),
      source: source.source,
    })),
    rest: sourced(limit === null ? null : unlistedPower(system, limit)),
  }
}

function sourced<Known extends Fact | null>(fact: Known): SourcedFigure | (Known & null) {
  return fact && { value: fact.value, basis: fact.basis, source: fact.source }
}

function describe(calibration: Calibration): string {
  const { basis, inheritedFrom, source, date, error } = calibration
  if (inheritedFrom) return `modelled from ${chips[inheritedFrom]?.name ?? inheritedFrom}; no public measurement`
  const fit = error ? `, median error ${Math.round(error.tpot * 1000) / 10} % of ${error.rows} rows` : ''
  return `${basis}: ${source}, ${date}${fit}`
}
