import { GB, MINUTE, TB } from '../units'
import type { Fact } from './source'

const loader =
  'https://docs.vllm.ai/en/latest/models/extensions/instanttensor/, the default loader of vLLM with Safetensors'
const herd = 'The Llama 3 Herd of Models (arXiv 2407.21783)'

/** Chips that share one host and its storage, where weights are loaded and nodes are counted. */
export const chipsPerHost = 8

/** What it takes to bring weights and the state of training to chips and away. */
export const storage = {
  /** Weights that one chip takes from storage at most [bytes/s]. */
  loadPerChip: { value: 1.1 * GB, basis: 'measured', source: `${loader}: Qwen3-30B-A3B on one H200`, date: '2026' },
  /** The same of a host of eight chips [bytes/s]. */
  loadPerHost: { value: 4.3 * GB, basis: 'measured', source: `${loader}: DeepSeek-R1 on eight H200`, date: '2026' },
  /** State of training by the parameter: weights in 16 bits, and a copy, momentum and variance in 32 [bytes]. */
  trainingState: {
    value: 14,
    basis: 'estimate',
    source: 'ZeRO (Rajbhandari et al., 2020): 2 and 12 bytes; gradients are not kept',
    date: '2020',
  },
  /** What a chip of a training job writes to storage, or reads [bytes/s]. */
  checkpointPerChip: {
    value: (2 * TB) / 16_384,
    basis: 'vendor',
    source: `${herd}: 2 TB/s sustained for 16,384 chips`,
    date: '2024-07',
  },
  /** From one checkpoint to the next [s]. */
  checkpointEvery: {
    value: 30 * MINUTE,
    basis: 'estimate',
    source: 'NVIDIA Technical Blog on nvCOMP for checkpoints: every 15 to 30 minutes',
    date: '2026-04-09',
  },
  /** What a replica that is taken away has to finish its requests [s]. */
  grace: {
    value: 30,
    basis: 'vendor',
    source: 'Kubernetes, terminationGracePeriodSeconds where a pod does not say',
    date: '2026',
  },
} satisfies Record<string, Fact>

/** Time to load weights of so many bytes into a replica of so many chips [s]. */
export function loadTime(bytes: number, chips: number): number {
  const hosts = Math.ceil(chips / chipsPerHost)
  return bytes / Math.min(chips * storage.loadPerChip.value, hosts * storage.loadPerHost.value)
}

/** Time that all chips of a training job take to write its state, or to read it [s]. */
export function checkpointTime(parameters: number, chips: number): number {
  return (parameters * storage.trainingState.value) / (chips * storage.checkpointPerChip.value)
}
