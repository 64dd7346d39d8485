import {
  checkFleet,
  findModel,
  trainingJob,
  type Fleet,
  type Pool,
  type Refusal,
  type Scenario,
  type Workload,
} from '../../simulation/index'
import { refusalOf, refuse } from '../refusal'
import { checkDocument, checkTraining } from './checks'
import { ownChips } from './chips'
import { rehearse, type TimedCommand } from './commands'
import { lengthsOf, type Lengths } from './lengths'
import { ownModels } from './models'
import { schema, type Document } from './schema'
import { theExperiment } from './source'

/** One experiment, checked but for the files that it names: what to simulate and for how long. */
export interface Experiment {
  id: string
  scenario: Scenario
  /** Simulated seconds of arrivals; `null` where workloads end by themselves, all of them closed loops or traces. */
  duration: number | null
  /** Seconds at the start that do not count. */
  warmup: number
  traces: TraceChoice[]
  commands: TimedCommand[]
}

/** A workload that a file drives. */
export interface TraceChoice {
  workload: string
  /** Of the experiment, to name what is wrong with it. */
  field: string
  file: string
  scale: number
  /** Drawn instead of those in the file; `null` where they are not. */
  prompt: Lengths | null
  output: Lengths | null
}

/** Seconds of a tick: short where what one replica sends another decides when the next request starts. */
const [coarse, fine] = [0.05, 0.005]

/** Reads one experiment; a refusal if it cannot be run. */
export function parseExperiment(input: unknown): Experiment | Refusal {
  const parsed = schema.safeParse(input)
  if (!parsed.success) return refusalOf(parsed.error, input, 'experiment')
  const document = parsed.data
  const chips = ownChips(document)
  if (isRefusal(chips)) return chips
  const models = ownModels(document)
  if (isRefusal(models)) return models
  const fleet = fleetOf(document, { chips, models })
  const refusal =
    checkTraining(document) ??
    checkFleet(fleet) ??
    checkDocument(document, fleet) ??
    rehearse(document.commands, { fleet, seed: document.seed })
  if (refusal) return refuse(refusal.field, refusal.value, refusal.expected)
  const { id, seed, workloads, warmup } = document
  const open = workloads.some(({ arrivals }) => arrivals.kind !== 'closed')
  return {
    id,
    scenario: { fleet, seed },
    duration: open ? (document.duration ?? null) : null,
    warmup: open ? warmup : 0,
    traces: workloads.flatMap(traceOf),
    commands: document.commands,
  }
}

/** Whether something that was read, or a record by name, is a refusal. */
function isRefusal<Entries extends object>(result: Entries | Refusal): result is Refusal {
  return 'expected' in result && typeof result.expected === 'string'
}

function fleetOf(document: Document, own: Pick<Fleet, 'chips' | 'models'>): Fleet {
  const { workloads, routing, training, oversubscription, faults, failures, pricing } = document
  const pools = document.pools.map(spec => poolOf(document, spec))
  return {
    id: 'experiment',
    name: 'Experiment',
    note: '',
    epoch: '2027-01-01T00:00:00Z',
    pools,
    workloads: [
      ...workloads.map(spec => workloadOf(document, own, spec)),
      ...training.map(spec => trainingOf(pools, spec)),
    ],
    routing: Object.fromEntries([
      ...workloads.map(({ id, model }) => [
        id,
        (Object.hasOwn(routing, id) && routing[id]) ||
          onlyRoute(pools.filter(spec => spec.model === model && spec.role !== 'training')),
      ]),
      ...training.map(({ id, pool }) => [id, [{ prefill: pool, decode: pool, share: 1 }]]),
    ]),
    oversubscription,
    faults,
    failures,
    pricing,
    tick: document.tick ?? (passesOn(document) ? fine : coarse),
    ...own,
  }
}

/** A pool that a training job holds takes no requests. */
function poolOf({ training }: Document, spec: Document['pools'][number]): Pool {
  return training.some(({ pool }) => pool === spec.id) ? { ...spec, role: 'training' } : spec
}

function trainingOf(pools: readonly Pool[], { id, pool, ...rest }: Document['training'][number]): Workload {
  return trainingJob({
    ...rest,
    id,
    name: id,
    tenant: 'own product',
    model: pools.find(({ id }) => id === pool)?.model ?? '',
    source: theExperiment,
  })
}

/** A workload with one pool to go to needs no routing; with more, the routing must say. */
function onlyRoute(pools: { id: string }[]): Fleet['routing'][string] {
  const [only] = pools
  return pools.length === 1 && only ? [{ prefill: only.id, decode: only.id, share: 1 }] : []
}

function passesOn({ workloads, routing }: Document): boolean {
  const follows = workloads.some(({ arrivals, sessions }) => arrivals.kind === 'closed' || sessions)
  const handsOff = Object.values(routing).some(routes => routes.some(({ prefill, decode }) => prefill !== decode))
  return follows || handsOff
}

type WorkloadSpec = Document['workloads'][number]

function workloadOf({ duration = Infinity }: Document, own: Pick<Fleet, 'models'>, spec: WorkloadSpec): Workload {
  const { promptTokens, outputTokens, arrivals, ...rest } = spec
  return {
    ...rest,
    name: spec.id,
    tenant: 'own product',
    kind: findModel(own, spec.model)?.kind ?? 'tokens',
    arrivals: endingAt(arrivals, duration),
    // a query has no lengths, and those of a trace come with its requests
    promptTokens: (promptTokens && lengthsOf(promptTokens)) ?? { kind: 'fixed', value: 1 },
    outputTokens: (outputTokens && lengthsOf(outputTokens)) ?? { kind: 'fixed', value: 1 },
    price: {},
    source: theExperiment,
  }
}

/** Arrivals cut off at a time. */
function endingAt(arrivals: WorkloadSpec['arrivals'], duration: number): Workload['arrivals'] {
  if (arrivals.kind === 'closed') return arrivals
  if (arrivals.kind === 'trace') return { kind: 'trace', scale: arrivals.scale }
  let left = duration
  const stages = arrivals.stages.map(stage => {
    const kept = Math.min(stage.duration, left)
    left -= kept
    return { ...stage, duration: kept }
  })
  return { ...arrivals, stages }
}

function traceOf({ id, arrivals, promptTokens, outputTokens }: WorkloadSpec, index: number): TraceChoice[] {
  if (arrivals.kind !== 'trace') return []
  return [
    {
      workload: id,
      field: `workloads[${index}].arrivals`,
      file: arrivals.file,
      scale: arrivals.scale,
      prompt: promptTokens ? lengthsOf(promptTokens) : null,
      output: outputTokens ? lengthsOf(outputTokens) : null,
    },
  ]
}
