import type { Fleet, Pool } from '../catalog/fleets'
import { MINUTE } from '../units'

const replica: Omit<Pool, 'id'> = {
  chip: 'h100',
  model: 'llama-3.1-8b',
  precision: 'fp8',
  engine: 'vllm',
  zone: 'one',
  replicas: 4,
  tensorParallel: 1,
  pipelineParallel: 1,
  expertParallel: 1,
  dataParallel: 1,
  maxSequences: 256,
  stepTokenBudget: 8192,
  memoryFraction: 0.9,
  queueLimit: 512,
  picker: 'round-robin',
}

/** Prefill and decode apart; from the twentieth minute on the network cards of the decode pool send over TCP. */
export const lostRdma: Fleet = {
  id: 'lost-rdma',
  name: 'Lost RDMA',
  note: 'Llama 3.1 8B with prompts of 8,000 tokens, as in the documented case; how many come is assumed.',
  epoch: '2027-04-14T13:00:00Z',
  pools: [
    { id: 'prefill', ...replica },
    { id: 'decode', ...replica },
  ],
  workloads: [
    {
      id: 'long',
      name: 'Long prompts',
      tenant: 'startup',
      model: 'llama-3.1-8b',
      kind: 'tokens',
      arrivals: { kind: 'constant', stages: [{ duration: Infinity, rate: 1 / 30 }] },
      promptTokens: { kind: 'fixed', value: 8000 },
      outputTokens: { kind: 'fixed', value: 200 },
      objectives: { ttft: 2 },
      price: {},
      source: {
        basis: 'vendor',
        source:
          'https://docs.nvidia.com/dynamo/kubernetes-deployment/cloud-provider-guides/aws/efa-rdma-over-aws-fabric: TTFT of about 98 s over TCP, about 1 s over EFA',
        date: '2026',
      },
    },
  ],
  routing: { long: [{ prefill: 'prefill', decode: 'decode', share: 1 }] },
  faults: [{ id: 'tcp', kind: 'lost-rdma', pool: 'decode', at: 20 * MINUTE }],
}
