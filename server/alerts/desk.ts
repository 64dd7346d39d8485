import type { AlertsView, AlertView, ObjectivesView } from './view'
import type { Watched } from './watcher'

/** What is told of alerts: what the run has seen, and that its frames come late, which only the clock can see. */
export interface AlertDesk {
  /** All that is known. */
  view(): AlertsView
  /** With no more of what is over than a screen shows at first. */
  brief(): AlertsView
  objectives(): ObjectivesView
  hear(watched: Watched, tells: boolean): void
  /** How late a frame is [s of wall time], and its simulated time. */
  late(time: number, behind: number): void
}

export interface AlertDeskPorts {
  tell: (alerts: AlertsView) => void
  tellObjectives: (objectives: ObjectivesView) => void
  /** Wall time [ms]. */
  now: () => number
}

const keptBrief = 50
/** Objectives move slowly: so often they are told [ms]. */
const pauseMs = 2000
/** A frame is late by more than this, for so many frames; and in time again below the other [s of wall time]. */
const lateness = { above: 1, clear: 0.3, frames: 12 }

export function createAlertDesk({ tell, tellObjectives, now }: AlertDeskPorts): AlertDesk {
  let known: AlertsView = { alerts: [], silences: [], rules: [], past: [], anomalies: [] }
  let objectives: ObjectivesView = { objectives: [], values: {} }
  let late: AlertView | null = null
  let lateFrames = 0
  let toldAt = -Infinity
  return { view, brief, objectives: () => objectives, hear, late: judge }

  function view(): AlertsView {
    return late === null ? known : { ...known, alerts: [...known.alerts, late] }
  }

  function brief(): AlertsView {
    const whole = view()
    return { ...whole, past: whole.past.slice(0, keptBrief) }
  }

  function hear(watched: Watched, tells: boolean): void {
    const before = objectives
    known = watched.alerts ?? known
    objectives = watched.objectives
    if (!tells) return
    if (watched.alerts) tell(brief())
    if (now() - toldAt < pauseMs || JSON.stringify(before) === JSON.stringify(objectives)) return
    toldAt = now()
    tellObjectives(objectives)
  }

  function judge(time: number, behind: number): void {
    lateFrames = behind > lateness.above ? lateFrames + 1 : 0
    if (late === null && lateFrames >= lateness.frames) late = lateAlert(time, behind)
    else if (late !== null && behind < lateness.clear) late = null
    else return
    tell(brief())
  }
}

/** Not of the run: the same run on a faster machine has none. */
function lateAlert(time: number, value: number): AlertView {
  return {
    id: 'frame-late/server',
    rule: 'frame-late',
    metric: 'behind',
    severity: 'warning',
    state: 'firing',
    since: time,
    firedAt: time,
    value,
    threshold: lateness.above,
    worst: value,
    acknowledged: null,
    silencedBy: null,
  }
}
