import type { Fact } from '../catalog/source'

const documented =
  'https://docs.nvidia.com/dynamo/kubernetes-deployment/cloud-provider-guides/aws/efa-rdma-over-aws-fabric: TTFT of about 98 s over TCP, about 1 s over EFA, Llama 3.1 8B, prompts of 8,000 tokens'

/** KV cache of a prompt of 8,000 tokens of Llama 3.1 8B in 16 bits [bytes]. */
const documentedBytes = 8000 * 2 * 32 * 8 * 128 * 2

/** What is left of the network links of a chip whose transfers fall back on TCP [bytes/s]. */
export const withoutRdma: Fact = {
  value: documentedBytes / (98 - 1),
  basis: 'modelled',
  source: documented,
  date: '2026',
  note: 'the rate at which one such prompt takes 97 s longer; the load of that run is not told, and the same guide says 1 to 3 GB/s of a transfer by itself',
}
