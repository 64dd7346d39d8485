import { GB, GiB, Gbps, TB, TFLOPS } from '../units'
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
  /** One way, per chip, as AWS wires it, else as the vendor does [bytes/s]. */
  scaleOutBandwidth: number | null
  /** Limit of the chip alone [W]. */
  powerLimit: number | null
  /** Works only beside a chip of this key. */
  pairedWith?: string
  /** Chip of the catalog whose coefficients this one takes; its own without it. */
  calibratedAs?: string
  sources: Partial<Record<SourcedField, Source>>
}

export type SourcedField =
  'peakFlops' | 'memory' | 'memoryBandwidth' | 'scaleUpBandwidth' | 'scaleUpDomain' | 'scaleOutBandwidth' | 'powerLimit'

export const families: Record<Family, string> = {
  blackwell: 'Blackwell',
  rubin: 'Rubin',
  'groq-lpu': 'Groq LPU',
  trainium: 'Trainium',
  inferentia: 'Inferentia',
  hopper: 'Hopper',
}

// documents that several figures come from
const inferenceX = vendor(
  'NVIDIA figures collected in SemiAnalysisAI/InferenceX-app, packages/app/src/lib/gpu-specs.ts, at 77ca49a',
  '2026',
)
const evolution = vendor(
  '"NVIDIA AI Infrastructure Architecture Evolution", tables from NVIDIA documents',
  '2026-09-28',
)
const dynamoEfa = vendor('NVIDIA Dynamo docs, "EFA (RDMA over AWS Fabric) on EKS"', '2026')
const garden = (page: string) => vendor(`https://glennklockwood.com/garden/processors/${page}`, '2026')
const gb300Architecture = vendor(
  'NVIDIA GB300 NVL72 Enterprise Reference Architecture; https://www.nvidia.com/en-us/data-center/gb300-nvl72/',
  '2026',
)
const rubinDatasheet = vendor(
  'https://www.nvidia.com/en-us/data-center/vera-rubin-nvl72/, specification marked preliminary',
  '2026',
)
const lpxBlog = vendor(
  'https://developer.nvidia.com/blog/inside-nvidia-groq-3-lpx-the-low-latency-inference-accelerator-for-the-nvidia-vera-rubin-platform',
  '2026-03',
)
const groqPress = vendor(
  'https://techpowerup.com/news-tags/Processor?page=3; https://yobitel.com/knowledge-base/groq-lpu',
  '2024',
)
const neuron = (page: string) => vendor(`AWS Neuron docs, neuron-hardware/${page}`, '2026')
const scenarioPower: Source = {
  basis: 'estimate',
  source: 'AshitaOrbis/inference-margins, site/engine.js, at d16da8b (analyst scenario)',
  date: '2026',
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
    scaleOutBandwidth: 400 * Gbps,
    powerLimit: 700,
    sources: {
      peakFlops: { ...inferenceX, note: 'fp16 at the rate of bf16; int8 has no figure here' },
      memory: inferenceX,
      memoryBandwidth: inferenceX,
      scaleUpBandwidth: { ...evolution, note: 'NVLink 4, 900 GB/s both ways' },
      scaleUpDomain: evolution,
      scaleOutBandwidth: { ...dynamoEfa, note: 'EFAv2 of p5, 3,200 Gb/s for 8 chips' },
      powerLimit: evolution,
    },
  },
  h200: {
    name: 'H200 SXM',
    vendor: 'NVIDIA',
    family: 'hopper',
    released: '2024',
    peakFlops: { bf16: 989 * TFLOPS, fp16: 989 * TFLOPS, fp8: 1979 * TFLOPS },
    memory: 141 * GB,
    memoryBandwidth: 4.8 * TB,
    scaleUpBandwidth: 450 * GB,
    scaleUpDomain: 8,
    scaleOutBandwidth: 400 * Gbps,
    powerLimit: 700,
    sources: {
      peakFlops: { ...inferenceX, note: 'fp16 at the rate of bf16; int8 has no figure here' },
      memory: inferenceX,
      memoryBandwidth: inferenceX,
      scaleUpBandwidth: { ...evolution, note: 'NVLink 4, 900 GB/s both ways' },
      scaleUpDomain: evolution,
      scaleOutBandwidth: { ...dynamoEfa, note: 'EFAv3 of p5en, 3,200 Gb/s for 8 chips' },
      powerLimit: vendor('mlcommons/inference_results_v4.1, NVIDIA/systems/H200-SXM-141GBx8_TRT_MaxQ.json', '2024'),
    },
  },
  b200: {
    name: 'B200 HGX',
    vendor: 'NVIDIA',
    family: 'blackwell',
    released: '2025-05-15',
    peakFlops: { bf16: 2250 * TFLOPS, fp16: 2250 * TFLOPS, fp8: 4500 * TFLOPS, fp4: 9000 * TFLOPS },
    memory: 180 * GB,
    memoryBandwidth: 8 * TB,
    scaleUpBandwidth: 900 * GB,
    scaleUpDomain: 8,
    scaleOutBandwidth: 400 * Gbps,
    powerLimit: 1000,
    sources: {
      peakFlops: { ...inferenceX, note: 'fp16 at the rate of bf16' },
      memory: { ...inferenceX, note: '192 GB are on the package' },
      memoryBandwidth: inferenceX,
      scaleUpBandwidth: { ...evolution, note: 'NVLink 5, 1,800 GB/s both ways' },
      scaleUpDomain: evolution,
      scaleOutBandwidth: { ...dynamoEfa, note: 'EFAv4 of p6-b200, 3,200 Gb/s for 8 chips' },
      powerLimit: garden('B200'),
    },
  },
  gb200: {
    name: 'GB200 NVL72',
    vendor: 'NVIDIA',
    family: 'blackwell',
    released: '2025-07-09',
    peakFlops: { bf16: 2500 * TFLOPS, fp16: 2500 * TFLOPS, fp8: 5000 * TFLOPS, fp4: 10000 * TFLOPS },
    memory: 186 * GB,
    memoryBandwidth: 8 * TB,
    scaleUpBandwidth: 900 * GB,
    scaleUpDomain: 72,
    scaleOutBandwidth: 400 * Gbps,
    powerLimit: 1200,
    sources: {
      peakFlops: { ...inferenceX, note: 'fp16 at the rate of bf16; 1.44 EFLOP/s of the rack are sparse' },
      memory: {
        ...vendor(
          'mlcommons/inference_results_v6.1, Crusoe/systems/GB200-NVL72_GB200-186GB_aarch64x16_Dynamo.json',
          '2026',
        ),
        note: 'other lists say 192',
      },
      memoryBandwidth: inferenceX,
      scaleUpBandwidth: { ...evolution, note: 'NVLink 5, 1,800 GB/s both ways' },
      scaleUpDomain: evolution,
      scaleOutBandwidth: { ...dynamoEfa, note: 'EFAv4 of P6e-GB200, 28,800 Gb/s for 72 chips' },
      powerLimit: garden('B200'),
    },
  },
  b300: {
    name: 'B300 HGX',
    vendor: 'NVIDIA',
    family: 'blackwell',
    released: '2025',
    peakFlops: { bf16: 2250 * TFLOPS, fp16: 2250 * TFLOPS, fp8: 4500 * TFLOPS, fp4: 13500 * TFLOPS },
    memory: 268 * GB,
    memoryBandwidth: 8 * TB,
    scaleUpBandwidth: 900 * GB,
    scaleUpDomain: 8,
    scaleOutBandwidth: 800 * Gbps,
    powerLimit: 1400,
    sources: {
      peakFlops: { ...inferenceX, note: 'fp16 at the rate of bf16; 13,125 at fp4 by another list' },
      memory: { ...inferenceX, note: '288 GB at most by the architecture' },
      memoryBandwidth: inferenceX,
      scaleUpBandwidth: { ...evolution, note: 'NVLink 5, 1,800 GB/s both ways' },
      scaleUpDomain: inferenceX,
      scaleOutBandwidth: { ...vendor("AWS What's New, P6-B300", '2025'), note: 'EFAv4, 6,400 Gb/s for 8 chips' },
      powerLimit: { ...garden('B300'), basis: 'estimate', note: 'NVIDIA publishes none' },
    },
  },
  gb300: {
    name: 'GB300 NVL72',
    vendor: 'NVIDIA',
    family: 'blackwell',
    released: '2025-07',
    peakFlops: { bf16: 2500 * TFLOPS, fp16: 2500 * TFLOPS, fp8: 5000 * TFLOPS, fp4: 15000 * TFLOPS },
    memory: 288 * GB,
    memoryBandwidth: 8 * TB,
    scaleUpBandwidth: 900 * GB,
    scaleUpDomain: 72,
    scaleOutBandwidth: 800 * Gbps,
    powerLimit: 1400,
    sources: {
      peakFlops: { ...inferenceX, note: 'fp16 at the rate of bf16; 1.44 EFLOP/s of the rack are sparse' },
      memory: { ...gb300Architecture, note: 'a column of the datasheet says 279' },
      memoryBandwidth: gb300Architecture,
      scaleUpBandwidth: { ...gb300Architecture, note: 'NVLink 5, 1,800 GB/s both ways' },
      scaleUpDomain: gb300Architecture,
      scaleOutBandwidth: { ...gb300Architecture, note: 'ConnectX-8; no AWS instance is published' },
      powerLimit: { ...garden('B300'), basis: 'estimate', note: 'NVIDIA publishes none' },
    },
  },
  rubin: {
    name: 'Rubin NVL72',
    vendor: 'NVIDIA',
    family: 'rubin',
    released: 'shipments from autumn 2026',
    peakFlops: { bf16: 4000 * TFLOPS, fp8: 17500 * TFLOPS, fp4: 35000 * TFLOPS },
    memory: 288 * GB,
    memoryBandwidth: 22 * TB,
    scaleUpBandwidth: 1800 * GB,
    scaleUpDomain: 72,
    scaleOutBandwidth: 1600 * Gbps,
    powerLimit: 1800,
    sources: {
      peakFlops: {
        ...rubinDatasheet,
        note: 'peaks of the chip, fp8 and fp4 as given for training; 50,000 at fp4 is sparse; bf16 from "NVIDIA AI Infrastructure Architecture Evolution"',
      },
      memory: rubinDatasheet,
      memoryBandwidth: {
        ...rubinDatasheet,
        note: 'peak of the chip; 19.2 TB/s in the MaxLPS configuration of the rack',
      },
      scaleUpBandwidth: {
        ...rubinDatasheet,
        note: 'NVLink 6, 3,600 GB/s both ways; 3,000 in the MaxLPS configuration',
      },
      scaleUpDomain: rubinDatasheet,
      scaleOutBandwidth: { ...rubinDatasheet, note: 'two ConnectX-9; how AWS wires it is not published' },
      powerLimit: { ...scenarioPower, note: 'NVIDIA publishes none' },
    },
  },
  'groq-lpu-v1': {
    name: 'Groq LPU v1',
    vendor: 'Groq',
    family: 'groq-lpu',
    released: 'date not published; 14 nm',
    peakFlops: { int8: 750 * TFLOPS, fp16: 188 * TFLOPS },
    memory: 0.23 * GB,
    memoryBandwidth: 80 * TB,
    scaleUpBandwidth: null,
    scaleUpDomain: null,
    scaleOutBandwidth: null,
    powerLimit: 300,
    sources: {
      peakFlops: groqPress,
      memory: { ...groqPress, note: 'SRAM' },
      memoryBandwidth: { ...groqPress, note: 'SRAM' },
      powerLimit: {
        basis: 'estimate',
        source: 'https://awesomeagents.ai/hardware/groq-lpu',
        date: '2026',
        note: 'approximate',
      },
    },
  },
  'groq-3-lpu': {
    name: 'Groq 3 LPU',
    vendor: 'NVIDIA',
    family: 'groq-lpu',
    released: '2026-08-24',
    peakFlops: { fp8: 1200 * TFLOPS },
    memory: 0.5 * GB,
    memoryBandwidth: 150 * TB,
    scaleUpBandwidth: 1250 * GB,
    scaleUpDomain: 256,
    scaleOutBandwidth: null,
    powerLimit: null,
    pairedWith: 'rubin',
    sources: {
      peakFlops: {
        ...lpxBlog,
        note: 'tray of 9.6 PFLOP/s / 8; the rack total of 315 is 1,230 a chip, which NVIDIA does not explain',
      },
      memory: { ...lpxBlog, note: 'SRAM' },
      memoryBandwidth: { ...lpxBlog, note: 'SRAM' },
      scaleUpBandwidth: { ...lpxBlog, note: 'chip to chip, 2,500 GB/s both ways' },
      scaleUpDomain: lpxBlog,
    },
  },
  trainium1: {
    name: 'Trainium1',
    vendor: 'AWS',
    family: 'trainium',
    released: '2022-10',
    peakFlops: { bf16: 190 * TFLOPS, fp16: 190 * TFLOPS, fp8: 190 * TFLOPS, int8: 380 * TFLOPS },
    memory: 32 * GiB,
    memoryBandwidth: 0.88 * TB,
    scaleUpBandwidth: 192 * GB,
    scaleUpDomain: 16,
    scaleOutBandwidth: 50 * Gbps,
    powerLimit: null,
    sources: {
      peakFlops: { ...neuron('trainium'), note: 'fp16 at the rate of bf16; fp8 is cFP8' },
      memory: neuron('trainium'),
      memoryBandwidth: { ...neuron('trainium'), note: '820 GiB/s' },
      scaleUpBandwidth: { ...neuron('trainium'), note: 'NeuronLink-v2, 384 GB/s both ways' },
      scaleUpDomain: neuron('trn1-arch'),
      scaleOutBandwidth: { ...neuron('trn1-arch'), note: 'EFA, 800 Gb/s for 16 chips; 100 a chip on trn1n' },
    },
  },
  trainium2: {
    name: 'Trainium2',
    vendor: 'AWS',
    family: 'trainium',
    released: '2024-12',
    peakFlops: { bf16: 667 * TFLOPS, fp16: 667 * TFLOPS, fp8: 1299 * TFLOPS },
    memory: 96 * GiB,
    memoryBandwidth: 2.9 * TB,
    scaleUpBandwidth: 640 * GB,
    scaleUpDomain: 64,
    scaleOutBandwidth: 200 * Gbps,
    powerLimit: 500,
    sources: {
      peakFlops: { ...neuron('trainium2'), note: 'fp16 at the rate of bf16' },
      memory: neuron('trainium2'),
      memoryBandwidth: neuron('trainium2'),
      scaleUpBandwidth: { ...neuron('trainium2'), note: 'NeuronLink-v3, 1,280 GB/s both ways' },
      scaleUpDomain: { ...neuron('trn2-arch'), note: 'UltraServer; 16 in an instance' },
      scaleOutBandwidth: { ...vendor('AWS Pricing API', '2026-10-03'), note: 'EFAv3, 3,200 Gb/s for 16 chips' },
      powerLimit: { ...scenarioPower, note: 'AWS publishes none' },
    },
  },
  trainium3: {
    name: 'Trainium3',
    vendor: 'AWS',
    family: 'trainium',
    released: '2025-12-02',
    peakFlops: { bf16: 671 * TFLOPS, fp16: 671 * TFLOPS, fp8: 2517 * TFLOPS, fp4: 2517 * TFLOPS },
    memory: 144 * GiB,
    memoryBandwidth: 4.9 * TB,
    scaleUpBandwidth: 1280 * GB,
    scaleUpDomain: 144,
    scaleOutBandwidth: 200 * Gbps,
    powerLimit: 800,
    sources: {
      peakFlops: { ...neuron('trainium3'), note: 'fp16 at the rate of bf16; fp8 and fp4 are MXFP8 and MXFP4' },
      memory: neuron('trainium3'),
      memoryBandwidth: neuron('trainium3'),
      scaleUpBandwidth: {
        ...neuron('trainium3'),
        note: 'NeuronLink-v4, 2,560 GB/s both ways; an analyst says 1,200 one way',
      },
      scaleUpDomain: { ...neuron('trn3-arch'), note: 'Gen2 UltraServer; 64 in Gen1' },
      scaleOutBandwidth: { ...neuron('trn3-arch'), note: 'EFAv4, 28,800 Gb/s for 144 chips' },
      powerLimit: { ...scenarioPower, note: 'AWS publishes none; press reads a remark of AWS as above 1,000 W' },
    },
  },
  inferentia1: {
    name: 'Inferentia1',
    vendor: 'AWS',
    family: 'inferentia',
    released: '2019-12',
    peakFlops: { bf16: 64 * TFLOPS, fp16: 64 * TFLOPS, int8: 128 * TFLOPS },
    memory: 8 * GiB,
    memoryBandwidth: 0.054 * TB,
    scaleUpBandwidth: 17 * GB,
    scaleUpDomain: 16,
    scaleOutBandwidth: 6.25 * Gbps,
    powerLimit: null,
    sources: {
      peakFlops: { ...neuron('inf1-arch'), note: 'fp16 at the rate of bf16' },
      memory: { ...neuron('inf1-arch'), note: 'DRAM' },
      memoryBandwidth: { ...neuron('inf1-arch'), note: '50 GiB/s' },
      scaleUpBandwidth: { ...neuron('inf1-arch'), note: 'NeuronLink-v1, 34 GB/s both ways' },
      scaleUpDomain: neuron('inf1-arch'),
      scaleOutBandwidth: { ...neuron('inf1-arch'), note: '100 Gb/s for 16 chips' },
    },
  },
  inferentia2: {
    name: 'Inferentia2',
    vendor: 'AWS',
    family: 'inferentia',
    released: '2023-04',
    peakFlops: { bf16: 190 * TFLOPS, fp16: 190 * TFLOPS, fp8: 190 * TFLOPS, int8: 380 * TFLOPS },
    memory: 32 * GiB,
    memoryBandwidth: 0.88 * TB,
    scaleUpBandwidth: 103 * GB,
    scaleUpDomain: 12,
    scaleOutBandwidth: null,
    powerLimit: null,
    sources: {
      peakFlops: { ...neuron('inferentia2'), note: 'fp16 at the rate of bf16; fp8 is cFP8' },
      memory: neuron('inferentia2'),
      memoryBandwidth: { ...neuron('inferentia2'), note: '820 GiB/s' },
      scaleUpBandwidth: { ...neuron('inf2-arch'), note: 'NeuronLink-v2, 206 GB/s both ways' },
      scaleUpDomain: neuron('inf2-arch'),
    },
  },
}

function vendor(source: string, date: string): Source {
  return { basis: 'vendor', source, date }
}
