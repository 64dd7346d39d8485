export type { Figure, FleetView, Frame, PoolView, WorkloadView } from './telemetry/frame'
export type { Route, Routing } from './routing/routing'
export type { Family } from './catalog/chips'
