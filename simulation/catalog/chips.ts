import { GB, TB, TFLOPS } from '../units'
import type { Source } from './source'

export type Precision = 'bf16' | 'fp16' | 'fp8' | 'fp4' | 'int8' | 'int4'

export type Family = 'blackwell' | 'rubin' | 'groq-lpu' | 'trainium' | 'inferentia' | 'hopper'

/** An accelerator type. Figures per chip, in base units; `null` where nobody publishes one. */
export interface Chip {
  name: string
  vendor: 'NVIDIA' | 'AWS' | 'Groq'
  family: Family
  /** Year or date of availability, as published. */
  released: string
  /** Dense peaks [FLOP/s], never the sparse headline; a precision that the chip lacks is absent. */
  peakFlops: Partial<Record<Precision, number>>
  /** [bytes] */
  memory: number
  /** [bytes/s] */
  memoryBandwidth: number
  /** One way, per chip [bytes/s]. */
  scaleUpBandwidth: number | null
  /** Chips that the scale-up link joins. */
  scaleUpDomain: number | null
  /** One way, per chip [bytes/s]. */
  scaleOutBandwidth: number | null
  /** Limit of the chip alone [W]. */
  powerLimit: number | null
  /** Works only beside a chip of this key. */
  pairedWith?: string
  sources: Partial<Record<SourcedField, Source>>
}

export type SourcedField =
  | 'peakFlops'
  | 'memory'
  | 'memoryBandwidth'
  | 'scaleUpBandwidth'
  | 'scaleUpDomain'
  | 'scaleOutBandwidth'
  | 'powerLimit'

export const families: Record<Family, string> = {
  blackwell: 'Blackwell',
  rubin: 'Rubin',
  'groq-lpu': 'Groq LPU',
  trainium: 'Trainium',
  inferentia: 'Inferentia',
  hopper: 'Hopper',
}

export const chips: Record<string, Chip> = {
  h100: {
    name: 'H100 SXM',
    vendor: 'NVIDIA',
    family: 'hopper',
    released: '2022',
    peakFlops: { bf16: 989 * TFLOPS, fp16: 989 * TFLOPS, fp8: 1979 * TFLOPS },
    memory: 80 * GB,
    memoryBandwidth: 3.35 * TB,
    scaleUpBandwidth: 450 * GB,
    scaleUpDomain: 8,
    scaleOutBandwidth: 50 * GB,
    powerLimit: 700,
    sources: {},
  },
}
