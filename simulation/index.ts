export { checkFleet } from './catalog/check-fleet'
export { fleets, type Fleet, type Pool } from './catalog/fleets'
export {
  calibrations,
  coefficientNames,
  type Architecture,
  type Calibration,
  type Coefficients,
  type Engine,
  type Fit,
  type StepCoefficients,
} from './catalog/calibration'
export { chips, type Chip, type Family, type Precision } from './catalog/chips'
export { findModel, kvBlocks, residentWeights, usableMemory } from './catalog/lookup'
export { measuredModel, unreadParameters } from './catalog/measurements/models'
export { neuronMeasurements, type NeuronMeasurement } from './catalog/measurements/neuron'
export { powerMeasurements, type PowerMeasurement } from './catalog/measurements/power'
export { measuredRuns, type MeasuredRun, type StageTimes } from './catalog/measurements/runs'
export { bytesPerElement, kvBytesPerToken, models, type Model, type TokenModel } from './catalog/models'
export { findPower, type PowerModel } from './catalog/power'
export { partsOf, powerTerms, shareOfLimit, type ChipLoad } from './serving/power'
export { baseTime, ingestTime, termsOf, type StepPool } from './serving/step-time'
export { trainingJob, type Workload } from './catalog/workloads'
export { addF64, f64 } from './columns'
export { createStream, uniform, type Stream } from './random'
export { checkDrain, drain, isDrained, resume, stop, type DrainTarget } from './faults/drain'
export { diversionOf, type Diversion } from './faults/diversion'
export { checkFault, type Failing, type Fault, type ScheduledFault } from './faults/fault'
export { checkAct, perform, type Act } from './faults/act'
export { clear, inject } from './faults/faults'
export { checkReprovision, reprovision, type Reprovision } from './faults/moves'
export { reliability } from './faults/reliability'
export {
  activeMirrors,
  checkMirror,
  describeMirrors,
  diffMirrors,
  mirrorChanges,
  routesOf,
  withMirror,
  type Mirror,
  type Mirrors,
} from './routing/mirrors'
export { nearestRouting } from './routing/nearest'
export { blendRouting } from './routing/blend'
export { checkRouting, describeChange, type Refusal, type Route, type Routing } from './routing/routing'
export {
  diffRouting,
  mergeRouting,
  routingChanges,
  type MergedRouting,
  type RouteChange,
  type RouteConflict,
} from './routing/merge'
export { forecast, forecastBlocks, foretell, type ForecastPlan } from './forecast/forecast'
export { fork, narrow, thinned, whole, type ForkPlan } from './forecast/fork'
export { revive } from './revive'
export {
  figuresOf,
  fleetOutlook,
  outlookOf,
  type FleetOutlook,
  type Outlook,
  type PoolOutlook,
  type Told,
  type WorkloadOutlook,
} from './forecast/outlook'
export { separateParts } from './forecast/parts'
export { presentOf, type Present } from './forecast/present'
export { markOf, tallySince, type Mark, type Tally } from './forecast/tally'
export { planShards, shardsOf, shareTelemetry } from './shards'
export {
  advance,
  createSimulation,
  finish,
  SAMPLE,
  setRouting,
  timeOf,
  type Scenario,
  type Shard,
  type Simulation,
} from './simulation'
export { charted } from './telemetry/charted'
export { viewFleet } from './telemetry/fleet-view'
export type {
  ChipMetric,
  Columns,
  FamilyMetric,
  Figure,
  FleetMetric,
  FleetView,
  FlowMetric,
  Frame,
  HealthMetric,
  MirrorColumns,
  MirrorMetric,
  PartView,
  PoolMetric,
  PoolView,
  ServiceMetric,
  SystemView,
  Totals,
  WorkloadMetric,
  WorkloadView,
} from './telemetry/frame'
export { finishedIn, overdue, requestCounts, type RequestCount } from './telemetry/overdue'
export { framedPools, takeFrame, takeHealth, takePools } from './telemetry/take-frame'
export { saturationLimit } from './telemetry/wide-figures'
export {
  keepCounters,
  summarisePool,
  summariseTraining,
  summariseWorkload,
  type PoolSummary,
  type TrainingSummary,
  type WorkloadSummary,
} from './telemetry/summary'
export { feedTrace, traceHorizon, withTrace } from './traffic/drive'
export { createSampler, sampleLength, type Sampler } from './traffic/lengths'
export {
  detectTraceFormat,
  isRefusal,
  longestLine,
  parseTraceLine,
  refuseLine,
  startsWithRecord,
  type TraceFormat,
  type TraceRecord,
} from './traffic/trace'
export { addRecord, createSums, inspect, type TraceInspection, type TraceSums } from './traffic/inspection'
export { beginLap, createReplay, endReplay, replayRecord, type TraceReplay } from './traffic/replay'
export { createBatch, type TraceBatch } from './traffic/trace-batch'
export { poolTotals, type BucketCounts, type PoolTotals } from './telemetry/pool-totals'
export { replicaConditions, type ReplicaCondition } from './faults/replica-condition'
export type { ChipDetail } from './telemetry/chip-detail'
export type { LatencyHeat, Percentiles, TimingName } from './telemetry/latency-detail'
export { poolDetail, type DetailWish, type PoolDetail } from './telemetry/pool-detail'
export {
  replicaOrders,
  type ReplicaColumns,
  type ReplicaDetail,
  type ReplicaMetric,
  type ReplicaOrder,
} from './telemetry/replica-detail'
