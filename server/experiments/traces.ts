import { resolve } from 'node:path'
import {
  createSampler,
  createStream,
  feedTrace,
  sampleLength,
  traceHorizon,
  type Refusal,
  type Sampler,
  type Simulation,
  type TraceBatch,
} from '../../simulation/index'
import { BadTrace, inspectTrace, openTrace, type CheckedTrace } from '../live/trace-file'
import { refuse } from '../refusal'
import { leastCounted } from './checks'
import type { Experiment, TraceChoice } from './experiment'
import { longest } from './schema'

/** A workload that a checked file drives. */
export interface CheckedChoice extends TraceChoice {
  checked: CheckedTrace
  /** Simulated seconds from the first request of the file to the end of the last one's gap. */
  span: number
}

/** An experiment that can be run. */
export interface ReadyExperiment extends Experiment {
  traces: CheckedChoice[]
}

/** Inspected files by path: many experiments may name the same one. */
export type Inspections = Map<string, Promise<CheckedTrace>>

/** Simulated seconds that are read at a time. */
const readAhead = 5
/** Denser, five seconds of it would fill the memory. */
const mostRequests = 1_000_000 // a second

/** Reads every file that the experiment names, relative to a folder, through once; a refusal where one cannot be used. */
export async function checkTraces(
  experiment: Experiment,
  folder: string,
  inspections: Inspections,
): Promise<ReadyExperiment | Refusal> {
  const traces: CheckedChoice[] = []
  for (const choice of experiment.traces) {
    const trace = await checkTrace(choice, resolve(folder, choice.file), inspections)
    if ('expected' in trace) return trace
    traces.push(trace)
  }
  const { duration, warmup } = experiment
  const shortest = Math.min(...traces.map(({ span }) => span))
  if (duration === null && shortest - warmup < leastCounted)
    return refuse('warmup', warmup, `less than the ${shortest} s of the trace, by ${leastCounted} s or more`)
  return { ...experiment, traces }
}

async function checkTrace(
  choice: TraceChoice,
  file: string,
  inspections: Inspections,
): Promise<CheckedChoice | Refusal> {
  const { field, scale } = choice
  const inspection = inspections.get(file) ?? inspectTrace(file)
  inspections.set(file, inspection)
  try {
    const checked = await inspection
    const span = checked.period / scale
    if (span > longest) return refuse(`${field}.scale`, scale, `a rate at which the trace takes at most ${longest} s`)
    if (checked.meanRate * scale > mostRequests)
      return refuse(`${field}.scale`, scale, `a rate of at most ${mostRequests} requests a second`)
    return { ...choice, file, checked, span }
  } catch (error) {
    if (!(error instanceof BadTrace)) throw error
    const { refusal } = error
    // the file itself is at fault, or a line of it
    if (refusal.field === 'file')
      return refuse(`${field}.file`, choice.file, `${refusal.expected}: ${shown(refusal.value)}`)
    return refuse(`${field}.file: ${choice.file}: ${refusal.field}`, refusal.value, refusal.expected)
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Hands the traces of an experiment to its simulation as it goes on. */
export interface Feeds {
  /** Resolves when everything that arrives before a time [s] was handed over; `null` where it already was. */
  feed(time: number): Promise<void> | null
  close(): Promise<void>
}

/** Requests at `end` [s] and later are left out; without repetition, a file is over when it is over. */
export function createFeeds(simulation: Simulation, { traces, scenario }: ReadyExperiment, end: number): Feeds {
  const { seed } = scenario
  const open = traces.map(({ workload, file, checked, scale, ...lengths }) => ({
    workload,
    reader: openTrace(file, checked, { scale, seed, once: true }),
    draw: createDraw(workload, lengths, seed),
  }))
  return {
    feed(time) {
      const behind = open.filter(({ workload }) => traceHorizon(simulation, workload) < time)
      return behind.length === 0 ? null : Promise.all(behind.map(trace => hand(trace, time))).then(() => {})
    },
    async close() {
      await Promise.all(open.map(({ reader }) => reader.close()))
    },
  }

  async function hand({ workload, reader, draw }: (typeof open)[number], time: number): Promise<void> {
    const batch = await reader.read(Math.min(time + readAhead, end))
    cutOff(batch, end)
    draw(batch)
    feedTrace(simulation, workload, batch)
  }
}

function cutOff(batch: TraceBatch, end: number): void {
  while (batch.count > 0 && (batch.times[batch.count - 1] ?? 0) >= end) batch.count--
  if (batch.horizon >= end) batch.horizon = Infinity
}

/** Puts lengths of their own in the place of the file's, prompt and output of one request after the other. */
function createDraw(
  workload: string,
  { prompt, output }: Pick<TraceChoice, 'prompt' | 'output'>,
  seed: number,
): (batch: TraceBatch) => void {
  const stream = createStream(seed, `lengths ${workload}`)
  const columns: { sampler: Sampler; of: (batch: TraceBatch) => Int32Array }[] = []
  if (prompt) columns.push({ sampler: createSampler(prompt), of: batch => batch.prompts })
  if (output) columns.push({ sampler: createSampler(output), of: batch => batch.outputs })
  return batch => {
    for (let i = 0; i < batch.count; i++)
      for (const { sampler, of } of columns) of(batch)[i] = sampleLength(sampler, stream)
  }
}
