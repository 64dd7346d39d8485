import { diffRouting, type Act, type Fleet, type Routing } from '../../simulation/index'
import type { Subject } from './rule'

/** Something that was done to the run, or befell it, and what it touches: why figures may move. */
export interface Occasion {
  /** Simulated [s]. */
  time: number
  words: string
  pools: string[]
  workloads: string[]
  /** A change of routing: figures are not expected to stay what they were. */
  reroutes: boolean
  /** Of the fault, where it is one. */
  fault: string | null
}

/** Of a fault, in words that follow "follows". */
const faultWords: Readonly<Record<string, string>> = {
  'chip-loss': 'the loss of a chip',
  'node-loss': 'the loss of a node',
  throttling: 'the throttle',
  'power-cap': 'the power cap',
  'slow-link': 'the slow link',
  'lost-rdma': 'the loss of RDMA',
  'bad-deploy': 'the bad deploy',
  stuck: 'the stuck replica',
}

export function occasionOf(fleet: Fleet, act: Act, time: number, before: readonly Occasion[]): Occasion | null {
  switch (act.kind) {
    case 'fault':
      return faultOf(fleet, act.fault, time)
    case 'clear': {
      const begun = before.findLast(({ fault }) => fault === act.fault)
      return begun ? { ...begun, time, words: `the end of ${begun.words.replace('the ', 'that ')}`, fault: null } : null
    }
    case 'drain':
    case 'stop':
      return {
        time,
        words: `the ${act.kind} of ${act.pool}`,
        ...touching(fleet, [act.pool]),
        reroutes: false,
        fault: null,
      }
    case 'resume':
      return { time, words: 'its return to service', ...touching(fleet, [act.pool]), reroutes: false, fault: null }
    case 'reprovision': {
      const pools = [act.from, act.to]
      return { time, words: 'the move of replicas', ...touching(fleet, pools), reroutes: false, fault: null }
    }
  }
}

/** What a fleet has scheduled within two times. */
export function scheduledWithin(fleet: Fleet, from: number, to: number): Occasion[] {
  return (fleet.faults ?? []).flatMap(fault => {
    const occasion = fault.at >= from && fault.at <= to ? faultOf(fleet, fault, fault.at) : null
    return occasion ?? []
  })
}

/** `null` of a change that moves nothing. */
export function rerouteOf(before: Routing, after: Routing, revision: number, time: number): Occasion | null {
  const changed = diffRouting(before, after)
  if (changed.length === 0) return null
  const pools = [...new Set(changed.flatMap(({ prefill, decode }) => [prefill, decode]))]
  const workloads = [...new Set(changed.map(({ workload }) => workload))]
  return { time, words: `r${revision}`, pools, workloads, reroutes: true, fault: null }
}

export function touches({ pools, workloads }: Occasion, { pool, workload }: Subject): boolean {
  return pool !== undefined ? pools.includes(pool) : workload !== undefined && workloads.includes(workload)
}

function faultOf(fleet: Fleet, fault: { kind: string; id: string; pool?: string }, time: number): Occasion | null {
  const words = faultWords[fault.kind]
  if (words === undefined || fault.pool === undefined) return null
  return { time, words, ...touching(fleet, [fault.pool]), reroutes: false, fault: fault.id }
}

function touching({ pools, workloads }: Fleet, touched: string[]): Pick<Occasion, 'pools' | 'workloads'> {
  const models = pools.filter(({ id }) => touched.includes(id)).map(({ model }) => model)
  return { pools: touched, workloads: workloads.filter(({ model }) => models.includes(model)).map(({ id }) => id) }
}
