import type { Source } from './source'

/** A part that comes with the chips of a system. */
export interface Part {
  kind: 'host' | 'scale-up switch' | 'network card' | 'data processing unit' | 'ethernet switch' | 'memory'
  name: string
  /** How many in the system; absent where nobody says. */
  count?: number
  /** What it does, in its published figures. */
  figures: string
  source: Source
}

/** The node or rack that a chip comes in. */
export interface System {
  chip: string
  name: string
  /** Chips in one system. */
  chips: number
  parts: Part[]
  source: Source
}

const evolution = vendor(
  '"NVIDIA AI Infrastructure Architecture Evolution", tables from NVIDIA documents',
  '2026-09-28',
)
const rubinDatasheet = vendor(
  'https://www.nvidia.com/en-us/data-center/vera-rubin-nvl72/, specification marked preliminary',
  '2026',
)
const rubinPress = vendor('https://nvidianews.nvidia.com/news/nvidia-vera-rubin-platform', '2026-03-16')
const gb300Architecture = vendor('NVIDIA GB300 NVL72 Enterprise Reference Architecture', '2026')
const lpxBlog = vendor(
  'https://developer.nvidia.com/blog/inside-nvidia-groq-3-lpx-the-low-latency-inference-accelerator-for-the-nvidia-vera-rubin-platform',
  '2026-03',
)
const dynamoEfa = vendor('NVIDIA Dynamo docs, "EFA (RDMA over AWS Fabric) on EKS"', '2026')
const awsP6e = vendor('AWS Machine Learning Blog on P6e-GB200', '2025-07')
const neuron = (page: string) => vendor(`AWS Neuron docs, neuron-hardware/${page}`, '2026')

export const systems: System[] = [
  {
    chip: 'h100',
    name: 'p5.48xlarge',
    chips: 8,
    parts: [efa('EFAv2', 3200, dynamoEfa), scaleUp('NVLink 4', 900, evolution)],
    source: dynamoEfa,
  },
  {
    chip: 'h200',
    name: 'p5en.48xlarge',
    chips: 8,
    parts: [efa('EFAv3', 3200, dynamoEfa), scaleUp('NVLink 4', 900, evolution)],
    source: dynamoEfa,
  },
  {
    chip: 'b200',
    name: 'p6-b200.48xlarge',
    chips: 8,
    parts: [efa('EFAv4', 3200, dynamoEfa), scaleUp('NVLink 5', 1800, evolution)],
    source: dynamoEfa,
  },
  {
    chip: 'b300',
    name: 'p6-b300.48xlarge',
    chips: 8,
    parts: [efa('EFAv4', 6400, vendor("AWS What's New, P6-B300", '2025')), scaleUp('NVLink 5', 1800, evolution)],
    source: vendor("AWS What's New, P6-B300", '2025'),
  },
  {
    chip: 'gb200',
    name: 'u-p6e-gb200x72 (NVL72 rack)',
    chips: 72,
    parts: [
      efa('EFAv4', 28_800, awsP6e),
      { kind: 'scale-up switch', name: 'NVLink 5 switches', figures: '130 TB/s in the rack', source: awsP6e },
    ],
    source: awsP6e,
  },
  {
    chip: 'gb300',
    name: 'GB300 NVL72 rack',
    chips: 72,
    parts: [
      {
        kind: 'scale-up switch',
        name: 'NVLink 5 switches',
        figures: '130 TB/s in the rack',
        source: gb300Architecture,
      },
      { kind: 'network card', name: 'ConnectX-8', figures: '800 Gb/s a port, one a chip', source: gb300Architecture },
      {
        kind: 'ethernet switch',
        name: 'Spectrum-X SN5600 (Spectrum-4)',
        figures: '51.2 Tb/s a switch',
        source: evolution,
      },
    ],
    source: gb300Architecture,
  },
  {
    chip: 'rubin',
    name: 'Vera Rubin NVL72 rack',
    chips: 72,
    parts: [
      {
        kind: 'host',
        name: 'Vera CPU',
        count: 36,
        figures: '88 cores, 1.5 TB of LPDDR5X at 1.2 TB/s, 1.8 TB/s to its two chips',
        source: rubinDatasheet,
      },
      {
        kind: 'scale-up switch',
        name: 'NVLink 6 switch trays',
        count: 9,
        figures: '28.8 TB/s a tray, 260 TB/s in the rack',
        source: rubinDatasheet,
      },
      {
        kind: 'network card',
        name: 'ConnectX-9 SuperNIC',
        count: 144,
        figures: '800 Gb/s each, two a chip',
        source: rubinPress,
      },
      {
        kind: 'data processing unit',
        name: 'BlueField-4',
        count: 18,
        figures: '800 Gb/s, 64 cores, KV cache storage tier',
        source: evolution,
      },
      {
        kind: 'ethernet switch',
        name: 'Spectrum-6',
        figures: '102.4 Tb/s a switch, co-packaged optics',
        source: evolution,
      },
    ],
    source: rubinDatasheet,
  },
  {
    chip: 'groq-3-lpu',
    name: 'Groq 3 LPX rack',
    chips: 256,
    parts: [
      { kind: 'host', name: 'liquid-cooled trays', count: 32, figures: '8 chips each', source: lpxBlog },
      { kind: 'scale-up switch', name: 'chip-to-chip links', figures: '640 TB/s in the rack', source: lpxBlog },
      {
        kind: 'memory',
        name: 'DDR5',
        figures: '12 TB beside 128 GB of SRAM',
        source: vendor('https://www.nvidia.com/en-us/data-center/lpx/', '2026'),
      },
    ],
    source: lpxBlog,
  },
  {
    chip: 'trainium1',
    name: 'trn1.32xlarge',
    chips: 16,
    parts: [efa('EFA', 800, neuron('trn1-arch')), scaleUp('NeuronLink-v2', 384, neuron('trainium'))],
    source: neuron('trn1-arch'),
  },
  {
    chip: 'trainium2',
    name: 'trn2.48xlarge',
    chips: 16,
    parts: [
      efa('EFAv3', 3200, vendor('AWS Pricing API', '2026-10-03')),
      scaleUp('NeuronLink-v3', 1280, neuron('trainium2')),
    ],
    source: neuron('trn2-arch'),
  },
  {
    chip: 'trainium3',
    name: 'Trn3 Gen2 UltraServer',
    chips: 144,
    parts: [efa('EFAv4', 28_800, neuron('trn3-arch')), scaleUp('NeuronLink-v4', 2560, neuron('trainium3'))],
    source: neuron('trn3-arch'),
  },
  {
    chip: 'inferentia1',
    name: 'inf1.24xlarge',
    chips: 16,
    parts: [scaleUp('NeuronLink-v1', 34, neuron('inf1-arch'))],
    source: neuron('inf1-arch'),
  },
  {
    chip: 'inferentia2',
    name: 'inf2.48xlarge',
    chips: 12,
    parts: [scaleUp('NeuronLink-v2', 206, neuron('inf2-arch'))],
    source: neuron('inf2-arch'),
  },
]

function efa(name: string, gigabits: number, source: Source): Part {
  return { kind: 'network card', name, figures: `${gigabits} Gb/s for the system`, source }
}

function scaleUp(name: string, gigabytes: number, source: Source): Part {
  return { kind: 'scale-up switch', name, figures: `${gigabytes} GB/s a chip, both ways`, source }
}

function vendor(source: string, date: string): Source {
  return { basis: 'vendor', source, date }
}
