import {
  requestCounts,
  timeOf,
  type Act,
  type Frame,
  type Refusal,
  type Routing,
  type Simulation,
} from '../../simulation/index'
import type { AlertAct, AlertEffect } from './act'
import { occasionOf, rerouteOf } from './occasion'
import { alertsOf, objectivesOf, type AlertsView, type ObjectivesView } from './view'
import { withAllPools } from './wide-frame'
import { checkAlertAct, createWatch, happen, look, perform, type Watch } from './watch'

/** What a frame or a command has changed of alerts. */
export interface Watched {
  /** `null` where they are as they were told last. */
  alerts: AlertsView | null
  objectives: ObjectivesView
}

/** The watch over a run: it sees the frames of the run alone, so that the same run has the same alerts. */
export interface Watcher {
  watch(): Watch
  check(act: AlertAct): Refusal | null
  perform(effect: AlertEffect): void
  /** Something was done to the fleet. */
  acted(act: Act): void
  /** Before a change of routing takes effect. */
  rerouted(routing: Routing, revision: number): void
  /** To be called after each frame. */
  look(frame: Frame): void
  tell(): Watched
}

export function createWatcher(simulation: Simulation, before: Watch | null): Watcher {
  const { fleet } = simulation.scenario
  const watch = before ?? createWatch(fleet)
  let told = ''
  return {
    watch: () => watch,
    check: act => checkAlertAct(watch, fleet, act),
    perform: effect => perform(watch, effect, timeOf(simulation)),
    acted: act => happen(watch, occasionOf(fleet, act, timeOf(simulation), watch.occasions)),
    rerouted: (routing, revision) =>
      happen(watch, rerouteOf(simulation.routing, { ...simulation.routing, ...routing }, revision, timeOf(simulation))),
    look: frame =>
      look(watch, fleet, { frame: withAllPools(frame, simulation, watch), counts: requestCounts(simulation) }),
    tell,
  }

  function tell(): Watched {
    const alerts = alertsOf(watch)
    const shape = JSON.stringify(alerts, (key, value: unknown) => (moving.includes(key) ? undefined : value))
    const isNew = shape !== told
    told = shape
    return { alerts: isNew ? alerts : null, objectives: objectivesOf(watch) }
  }
}

/** Figures of an alert that goes on move with every frame; they are told beside the objectives. */
const moving = ['value', 'worst', 'unknownSince', 'sigma', 'usual']
