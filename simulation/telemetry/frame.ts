import type { PartKind } from '../catalog/parts'
import type { Pricing } from '../catalog/prices'
import type { Basis } from '../catalog/source'
import type { Family, Precision } from '../catalog/chips'
import type { Engine } from '../catalog/calibration'
import type { Objectives, Price, Tenant } from '../catalog/workloads'

/** A figure, or `null` where it is withheld (too few samples) or cannot be known (no public price or power). */
export type Figure = number | null

/** One column per metric, one entry per row, in the order of the fleet view. */
export type Columns<Metric extends string> = Record<Metric, Figure[]>

/** What a pool, family, workload or the whole fleet serves. Rates per second, times in seconds, over the window. */
export type ServiceMetric =
  | 'finished' // requests/s
  | 'promptTokens' // tokens/s
  | 'outputTokens' // tokens/s
  | 'running' // requests now
  | 'waiting' // requests now
  | 'transferring' // requests now, on their way from prefill to decode
  | 'rejected' // requests/s
  | 'cancelled' // requests/s whose clients have gone
  | 'ttftP50'
  | 'ttftP95'
  | 'ttftCount' // samples behind the two
  | 'itlP50'
  | 'itlP95'
  | 'itlCount'
  | 'usedCost' // $/s
  | 'costPerMtok' // $ per million output tokens: used cost ÷ output tokens

/** What chips do, draw and cost. */
export type ChipMetric =
  | 'power' // W, PUE included
  | 'carbon' // g/s
  | 'energyPerToken' // J per output token, of all that the chips draw
  | 'heldCost' // $/s of all provisioned chips with a known price
  | 'idleCost' // $/s: held cost less used cost
  | 'saturation' // 0 to 1: the tightest of KV cache, sequences and prefill time
  | 'busy' // share of time in a step

export type WorkloadMetric =
  | ServiceMetric
  | 'arrived' // requests/s
  | 'goodput' // requests/s that met all objectives
  | 'attainment' // their share of those that left
  | 'ttftP99' // withheld below 100 samples
  | 'e2eP50'
  | 'e2eP95'
  | 'tpotP95'
  | 'revenue' // $/s
  | 'margin' // $/s: revenue less used cost, of what pools with a known price served
  | 'marginPerMtok' // the same per million output tokens
  | 'power' // W that its requests drew: not what chips draw while idle
  | 'carbon' // g/s of that
  | 'energyPerToken' // J of that per output token
  | 'trainedTokens' // tokens/s of a training job
  | 'lostTokens' // tokens/s of those that it has to train again

export type PoolMetric =
  | ServiceMetric
  | ChipMetric
  | 'replicas' // that it has now, lost ones too
  | 'available' // 0 to 1, of its replicas, now: neither lost, stopped nor loading weights
  | 'drained' // 0 to 1, of its replicas, now: take no new requests by somebody's word
  | 'batch' // mean running requests per replica
  | 'kvUse' // 0 to 1
  | 'computeUtilisation' // of the dense peak
  | 'memoryUtilisation' // of the bandwidth
  | 'prefixHitRate' // 0 to 1, of prompt tokens; withheld where none was prefilled
  | 'preemptions' // per second
  | 'transferred' // bytes/s of KV cache that came from other pools

export type FamilyMetric = ServiceMetric | ChipMetric

export type FleetMetric =
  | ServiceMetric
  | ChipMetric
  | 'arrived'
  | 'goodput'
  | 'attainment'
  | 'ttftP95Low' // 95 % interval of the percentile
  | 'ttftP95High'
  | 'itlP95Low'
  | 'itlP95High'
  | 'idlePower' // W drawn in the time that no request used
  | 'idleCarbon' // g/s of that
  | 'revenue' // $/s
  | 'costCoverage' // share of the output tokens whose cost is known
  | 'powerCoverage' // share of the output tokens whose power is known

export type FlowMetric =
  | 'requests' // requests/s routed
  | 'outputTokens' // tokens/s

/** What becomes of the copies of a mirror; what they use of pools is in the figures of these. */
export type MirrorMetric =
  | 'copied' // requests/s
  | 'finished' // requests/s
  | 'dropped' // requests/s that the route could not take
  | 'outputTokens' // tokens/s
  | 'present' // requests now
  | 'ttftP95'
  | 'ttftCount'
  | 'itlP95'
  | 'itlCount'
  | 'e2eP95'
  | 'attainment' // share of those that left which met all objectives of their workload
  | 'usedCost' // $/s

/** Mirrors that are set, one a row, with the indices of what they copy to where, and the part that is copied. */
export interface MirrorColumns extends Columns<MirrorMetric> {
  workload: number[]
  prefill: number[]
  decode: number[]
  part: number[]
}

/** Of the figures of a pool, those that tell whether it is well. */
export type HealthMetric = 'saturation' | 'replicas' | 'available' | 'drained' | 'running' | 'waiting'

/** Pools, by index, of which a frame has no other columns. */
export interface TroubledColumns extends Columns<HealthMetric> {
  pool: number[]
}

/**
 * Since the start of the run, whole fleet, without copies; conserved: arrived = finished + running + waiting + transferring + rejected +
 * cancelled.
 */
export interface Totals {
  arrived: number
  finished: number
  running: number
  waiting: number
  transferring: number
  rejected: number
  cancelled: number
  preempted: number
  promptTokens: number
  outputTokens: number
  /** [J] */
  energy: number
  /** [g] */
  carbon: number
}

/**
 * Everything a screen needs at one instant; whole, never a delta. Columnar, rounded to what a screen can show. Of a fleet of
 * many pools it has the figures of the first 64 and of their flows; the rest is in those of families and workloads, in the
 * flows to families, and in the list of the other pools that are in trouble.
 */
export interface Frame {
  sequence: number
  /** Simulated time since the start of the run [s]. */
  time: number
  /** Length of the window behind rates and percentiles [s]; shorter at the start of a run. */
  window: number
  /** Revision of the routing in force. */
  revision: number
  totals: Totals
  fleet: Record<FleetMetric, Figure>
  families: Columns<FamilyMetric>
  workloads: Columns<WorkloadMetric>
  pools: Columns<PoolMetric>
  flows: Columns<FlowMetric>
  /** Left out while nothing is mirrored. */
  mirrors?: MirrorColumns
  /** From each workload to each family, workload by workload; left out where `flows` has them all. */
  familyFlows?: Columns<FlowMetric>
  /** Some of the pools beyond the first 64 that are drained, short of replicas or nearly full; left out where there are none beyond. */
  troubled?: TroubledColumns
}

/** What of the fleet does not change while it runs: names, sizes, sources, and the order of the columns of a frame. */
export interface FleetView {
  id: string
  name: string
  note: string
  epoch: string
  /** What a chip-hour costs: owning the chip, or the list price of a cloud. */
  pricing: Pricing
  /** Nodes and racks that the chips of the pools come in. */
  systems: SystemView[]
  families: { id: Family; name: string; chips: number }[]
  workloads: WorkloadView[]
  pools: PoolView[]
  /** Which pools can serve which workload, by index; the rows of `frame.flows`. */
  flows: { workload: number; pool: number }[]
  /** Why a workload has no pool in a family, by index. */
  impossible: { workload: number; family: number; cause: string }[]
}

export interface WorkloadView {
  id: string
  name: string
  tenant: Tenant
  kind: 'tokens' | 'single-shot' | 'training'
  model: string
  modelName: string
  objectives: Objectives
  price: Price
}

export interface PoolView {
  id: string
  /** Index into `families`. */
  family: number
  chip: string
  chipName: string
  /** Node or rack that the chips come in, one of `systems`; `null` where nobody says. */
  system: string | null
  zone: string
  model: string
  modelName: string
  precision: Precision
  engine: Engine
  replicas: number
  chips: number
  maxSequences: number
  /** KV cache of the pool [tokens]; 0 for a single-shot model. */
  kvCapacity: number
  /** Of the performance figures: measured coefficients, or modelled ones. */
  basis: Basis
  /** In words, for the screen: where the coefficients come from. */
  basisNote: string
  /** Cost of a chip-hour [$/h] and what it rests on; `null` where no public figure exists. */
  chipHour: SourcedFigure | null
  /** Chip and its share of the system at the limit [W]; `null` where no public figure exists. */
  chipPower: SourcedFigure | null
  /** Carbon of the electricity of its zone [g/J]. */
  gridCarbon: SourcedFigure
}

/** A node or rack, and what comes in it beside the chips. */
export interface SystemView {
  chip: string
  name: string
  /** Chips in one. */
  chips: number
  parts: PartView[]
  /** What fans, memory, storage and losses draw in it at the limit [W]; `null` where it is not known. */
  rest: SourcedFigure | null
}

export interface PartView {
  kind: PartKind
  name: string
  /** In one system; `null` where nobody says. */
  count: number | null
  /** What they carry in one system, one way [bytes/s]; `null` where nobody says, or nothing is carried. */
  bandwidth: number | null
  /** Of one, at its limit [W], and its price [$]; `null` where no public figure exists. */
  watts: SourcedFigure | null
  price: SourcedFigure | null
  /** Of name and count. */
  source: string
}

/** A figure of the catalog with what it rests on. */
export interface SourcedFigure {
  value: number
  basis: Basis
  source: string
}
