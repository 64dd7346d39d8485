/** A watch over made-up frames: quiet ones of a small fleet, but for what a test says. */
import type { Watched } from '../../server/alerts/watcher'
import type { AlertAct } from '../../server/alerts/act'
import { alertsOf, objectivesOf } from '../../server/alerts/view'
import { checkAlertAct, createWatch, happen, look, perform, placesOf, type Watch } from '../../server/alerts/watch'
import { occasionOf, rerouteOf } from '../../server/alerts/occasion'
import { createSimulation, takeFrame, type Act, type Fleet, type Frame, type Routing } from '../../simulation/index'
import { smallFleet } from './server'

export interface Moment {
  /** Part of the requests of each workload that meets its objectives since the frame before, and how many leave a second. */
  good?: number
  rate?: number
  /** Figures of a pool or workload. */
  pool?: Partial<Record<string, number | null>>
  workload?: Partial<Record<string, number | null>>
  of?: string
}

export function openWatch(fleet: Fleet = smallFleet(), before?: Watch) {
  const quiet = takeFrame(createSimulation({ fleet, seed: 1 }), 1)
  const places = placesOf(fleet)
  const watch = before ?? createWatch(fleet)
  const counts = fleet.workloads.map(() => ({ left: 0, good: 0 }))
  let sequence = 0
  let time = watch.tape.times.at(-1) ?? 0
  return { watch, pass, act, check, acted, rerouted, view: () => alertsOf(watch), objectives, now: () => time }

  /** So many seconds of the same, a frame a second unless said otherwise. */
  function pass(seconds: number, moment: Moment = {}, step = 1): void {
    const { good = 1, rate = 10 } = moment
    for (const end = time + seconds; time < end - 1e-9;) {
      time += step
      for (const count of counts) {
        count.left += rate * step
        count.good += good * rate * step
      }
      look(watch, fleet, { frame: frameWith(moment), counts: structuredClone(counts) })
    }
  }

  function frameWith({ pool = {}, workload = {}, of }: Moment): Frame {
    const frame = structuredClone({ ...quiet, sequence: ++sequence, time })
    frame.pools.available = places.pools.map(() => 1)
    const put = (columns: object, ids: readonly string[], figures: object) => {
      for (const [metric, figure] of Object.entries(figures)) {
        const known: unknown = Reflect.get(columns, metric)
        const column = Array.isArray(known) ? known : []
        Reflect.set(
          columns,
          metric,
          ids.map((id, row): unknown => (of === undefined || id === of ? figure : column[row])),
        )
      }
    }
    put(frame.pools, places.pools, pool)
    put(frame.workloads, places.workloads, workload)
    return frame
  }

  function act(act: AlertAct, by = 'omar', reason: string | null = null): void {
    const refusal = check(act)
    if (refusal) throw new Error(`${refusal.field}: expected ${refusal.expected}`)
    perform(watch, { kind: 'alert', act, id: `${by}-${sequence}`, by, reason }, time)
  }

  function check(act: AlertAct) {
    return checkAlertAct(watch, fleet, act)
  }

  function acted(act: Act): void {
    happen(watch, occasionOf(fleet, act, time, watch.occasions))
  }

  function rerouted(routing: Routing): void {
    happen(watch, rerouteOf(fleet.routing, { ...fleet.routing, ...routing }, 2, time))
  }

  function objectives(): Watched['objectives']['objectives'] {
    return objectivesOf(watch).objectives
  }
}
