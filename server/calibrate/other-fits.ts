import type { Calibration, StepCoefficients } from '../../simulation'
import { fitLpu, type LpuFit } from './lpu'
import { fitNeuron, type NeuronFit } from './neuron'
import { fitTrainium2, readTrainium2 } from './trainium2'

/** Catalog entries of chips that are not GPUs, from the other files of the folder. */
export function otherCalibrations(folder: string): Calibration[] {
  const neuron = fitNeuron(folder)
  const [trainium1] = neuron
  if (!trainium1) throw new Error('calibration: no fit of Trainium1')
  const trainium2 = fitTrainium2(readTrainium2(folder), trainium1)
  const lpu = fitLpu(folder)
  return [
    ...neuron.map(fit =>
      ofNeuron(
        fit,
        2,
        `${fit.rows} rows of the AWS Neuron docs, Transformers NeuronX 2.18: Llama 2 and 3, CodeLlama, Mistral; fitted to Trainium1 and Inferentia2 together`,
      ),
    ),
    ofNeuron(
      trainium2,
      4,
      `${trainium2.rows} runs of the AWS Neuron docs at small batches: Llama 3.1 and 3.3, Qwen3; calibrated, not verified; drawn to Trainium1`,
    ),
    ofLpu(lpu, 'dense', 'Llama 2 70B and 7B'),
    ofLpu(lpu, 'mixture', 'Mixtral 8x7B'),
  ]
}

/** What these chips' fits do without. */
const plain: Pick<
  StepCoefficients,
  | 'expertReach'
  | 'wide'
  | 'latentOverhead'
  | 'routeOverhead'
  | 'samplingOverhead'
  | 'promptOverhead'
  | 'collectiveLatency'
  | 'linkEfficiency'
  | 'ingestPerToken'
  | 'firstPass'
  | 'serial'
> = {
  expertReach: 1,
  wide: 0,
  latentOverhead: 0,
  routeOverhead: 0,
  samplingOverhead: 0,
  promptOverhead: 0,
  collectiveLatency: 0,
  linkEfficiency: 0,
  ingestPerToken: 0,
  firstPass: 0,
  serial: true,
}

function ofNeuron(
  fit: Omit<NeuronFit, 'heldOut'> & Partial<Pick<NeuronFit, 'heldOut'>>,
  coresPerChip: number,
  source: string,
): Calibration {
  return {
    chip: fit.chip,
    engine: 'neuron',
    precision: 'bf16',
    architecture: 'any',
    mfu: fit.mfu,
    expertMfu: fit.mfu,
    attentionMfu: fit.attentionEfficiency,
    mbu: fit.mbu,
    expertMbu: fit.mbu,
    kvMbu: fit.kvEfficiency,
    stepOverhead: fit.stepOverhead,
    layerOverhead: fit.layerOverhead,
    sequenceOverhead: fit.sequenceOverhead,
    ingest: fit.ingest,
    ...plain,
    coresPerChip,
    basis: 'measured',
    source,
    date: fit.date,
    error: { ...fit.error, rows: fit.rows },
    ...(fit.heldOut && { interval: fit.heldOut }),
  }
}

function ofLpu(fit: LpuFit, architecture: 'dense' | 'mixture', models: string): Calibration {
  return {
    chip: fit.chip,
    engine: 'groq',
    precision: 'int8',
    architecture,
    mfu: 0.5,
    expertMfu: 0.5,
    attentionMfu: 0.5,
    mbu: 0.8,
    expertMbu: 0.8,
    kvMbu: 0.8,
    stepOverhead: 0,
    layerOverhead: fit.layerOverhead[architecture],
    sequenceOverhead: 0,
    ingest: fit.ingest,
    ...plain,
    basis: 'estimate',
    source: `speeds of one user in press and at a client (LLMPerf of 2024-01, network included): ${models}; calibrated, not verified; mfu and mbu assumed; no figure says how speed falls with concurrency`,
    date: fit.date,
    error: { tpot: fit.error.tpot, ttft: null, rows: fit.rows },
  }
}
