import { Gbps, GB, TB } from '../units'
import {
  efa,
  ethernet,
  evolution,
  hostOf,
  modelled,
  neuronLink,
  nitro,
  nvswitch,
  part,
  vendor,
  type Part,
} from './parts'
import type { Fact, Source } from './source'

/** The node or rack that a chip comes in. */
export interface System {
  chip: string
  name: string
  /** Chips in one system. */
  chips: number
  parts: Part[]
  source: Source
}

const rubinDatasheet = vendor(
  'https://www.nvidia.com/en-us/data-center/vera-rubin-nvl72/, specification marked preliminary',
  '2026',
)
const rubinPress = vendor('https://nvidianews.nvidia.com/news/nvidia-vera-rubin-platform', '2026-03-16')
const gb300Architecture = vendor('NVIDIA GB300 NVL72 Enterprise Reference Architecture', '2026')
const gb200Guide = vendor('https://docs.nvidia.com/dgx/dgxgb200-user-guide/hardware.html', '2026')
const lpxBlog = vendor(
  'https://developer.nvidia.com/blog/inside-nvidia-groq-3-lpx-the-low-latency-inference-accelerator-for-the-nvidia-vera-rubin-platform',
  '2026-03',
)
const dynamoEfa = vendor('NVIDIA Dynamo docs, "EFA (RDMA over AWS Fabric) on EKS"', '2026')
const awsP6e = vendor('AWS Machine Learning Blog on P6e-GB200', '2025-07')
const p6B300 = vendor("AWS What's New, P6-B300", '2025')
const dgxH100 = vendor('NVIDIA DGX H100 user guide', '2024')
const dgxB200 = vendor('NVIDIA DGX B200 data sheet', '2024')
const trn3Blade: Source = {
  basis: 'estimate',
  source: 'https://aiobserver.co/?p=19511: a Graviton and two Nitro cards on a blade of four chips',
  date: '2025-12',
}
const neuron = (page: string) => vendor(`AWS Neuron docs, neuron-hardware/${page}`, '2026')

/** Two of them and four chips at 1.2 kW make the 5.8 kW of a tray. */
const graceWatts: Fact = {
  value: 500,
  ...vendor('NVIDIA Mission Control 2.2 administration guide, power budget of a GB200 tray less its four GPUs', '2026'),
}
const nvlink5Watts: Fact = {
  value: 11_160 / 9,
  ...vendor('NVIDIA Dynamic Power Software 0.8 runbook, 11,160 W for the nine switch trays of a GB200 rack', '2026'),
}
const bluefield3Watts: Fact = {
  value: 150,
  ...vendor('https://docs.nvidia.com/networking/display/BF3DPUController/Introduction, the most it draws', '2025'),
}
const bluefield3Price: Fact = {
  value: 2500,
  basis: 'estimate',
  source: 'street price of $2,000 to 3,000 by yobitel.com, BlueField-3',
  date: '2026',
}
const veraPrice: Fact = {
  value: 5000,
  basis: 'estimate',
  source: 'Morgan Stanley estimate as quoted by faq.com.tw',
  date: '2026-06-25',
}
const spectrum4Watts: Fact = {
  value: 500,
  basis: 'estimate',
  source: 'the switch chip alone, as quoted by tekdeeps.com; optics and fans are not published',
  date: '2023',
}

export const systems: System[] = [
  {
    chip: 'h100',
    name: 'p5.48xlarge',
    chips: 8,
    parts: [hostOf(), nvswitch(4, 4, 8 * 450, dgxH100), efa('EFAv2', 32, 3200, dynamoEfa), nitro()],
    source: dynamoEfa,
  },
  {
    chip: 'h200',
    name: 'p5en.48xlarge',
    chips: 8,
    parts: [hostOf(), nvswitch(4, 4, 8 * 450, dgxH100), efa('EFAv3', 16, 3200, dynamoEfa), nitro()],
    source: dynamoEfa,
  },
  {
    chip: 'b200',
    name: 'p6-b200.48xlarge',
    chips: 8,
    parts: [hostOf(), nvswitch(5, 2, 8 * 900, dgxB200), efa('EFAv4', 8, 3200, dynamoEfa), nitro()],
    source: dynamoEfa,
  },
  {
    chip: 'b300',
    name: 'p6-b300.48xlarge',
    chips: 8,
    parts: [hostOf(), nvswitch(5, null, 8 * 900, evolution), efa('EFAv4', 16, 6400, p6B300), nitro()],
    source: p6B300,
  },
  {
    chip: 'gb200',
    name: 'u-p6e-gb200x72 (NVL72 rack)',
    chips: 72,
    parts: [
      part('host CPU', 'Grace CPU', 36, { watts: graceWatts, source: gb200Guide }),
      part('scale-up switch', 'NVLink 5 switch tray', 9, {
        bandwidth: 65 * TB,
        watts: nvlink5Watts,
        source: gb200Guide,
      }),
      efa('EFAv4', null, 28_800, awsP6e),
      nitro(),
    ],
    source: awsP6e,
  },
  {
    chip: 'gb300',
    name: 'GB300 NVL72 rack',
    chips: 72,
    parts: [
      part('host CPU', 'Grace CPU', 36, {
        watts: modelled(graceWatts, 'as in the GB200 rack'),
        source: gb300Architecture,
      }),
      part('scale-up switch', 'NVLink 5 switch tray', 9, {
        bandwidth: 65 * TB,
        watts: modelled(nvlink5Watts, 'as in the GB200 rack'),
        source: gb300Architecture,
      }),
      part('network card', 'ConnectX-8 SuperNIC', 72, {
        bandwidth: 72 * 800 * Gbps,
        source: gb300Architecture,
      }),
      part('data processing unit', 'BlueField-3', 18, {
        bandwidth: 18 * 400 * Gbps,
        watts: bluefield3Watts,
        price: bluefield3Price,
        source: {
          basis: 'estimate',
          source: 'https://introl.com/blog/why-nvidia-gb300-nvl72-blackwell-ultra-matters',
          date: '2025',
        },
      }),
      ethernet('Spectrum-X SN5600 (Spectrum-4)', 51_200, 72 * 800, spectrum4Watts),
    ],
    source: gb300Architecture,
  },
  {
    chip: 'rubin',
    name: 'Vera Rubin NVL72 rack',
    chips: 72,
    parts: [
      part('host CPU', 'Vera CPU', 36, { price: veraPrice, source: rubinDatasheet }),
      part('scale-up switch', 'NVLink 6 switch tray', 9, { bandwidth: 130 * TB, source: rubinDatasheet }),
      part('network card', 'ConnectX-9 SuperNIC', 144, { bandwidth: 144 * 800 * Gbps, source: rubinPress }),
      part('data processing unit', 'BlueField-4', 18, { bandwidth: 18 * 800 * Gbps, source: evolution }),
      ethernet('Spectrum-6', 102_400, 144 * 800, null),
    ],
    source: rubinDatasheet,
  },
  {
    chip: 'groq-3-lpu',
    name: 'Groq 3 LPX rack',
    chips: 256,
    parts: [
      part('host CPU', 'Host of a tray', null, { source: lpxBlog }),
      part('scale-up switch', 'Chip-to-chip links, no switch', null, { bandwidth: 320 * TB, source: lpxBlog }),
      part('memory', 'DDR5, 12 TB', null, { source: vendor('https://www.nvidia.com/en-us/data-center/lpx/', '2026') }),
    ],
    source: lpxBlog,
  },
  {
    chip: 'trainium1',
    name: 'trn1.32xlarge',
    chips: 16,
    parts: [
      hostOf(),
      neuronLink('v2', (16 * 384) / 2, neuron('trainium')),
      efa('EFA', null, 800, neuron('trn1-arch')),
      nitro(),
    ],
    source: neuron('trn1-arch'),
  },
  {
    chip: 'trainium2',
    name: 'trn2.48xlarge',
    chips: 16,
    parts: [
      hostOf(),
      neuronLink('v3', (16 * 1280) / 2, neuron('trainium2')),
      efa('EFAv3', null, 3200, vendor('AWS Pricing API', '2026-10-03')),
      nitro(),
    ],
    source: neuron('trn2-arch'),
  },
  {
    chip: 'trainium3',
    name: 'Trn3 Gen2 UltraServer',
    chips: 144,
    parts: [
      part('host CPU', 'Graviton CPU', 36, { source: trn3Blade }),
      part('scale-up switch', 'NeuronSwitch-v1', null, {
        bandwidth: ((144 * 2560) / 2) * GB,
        source: neuron('trn3-arch'),
      }),
      efa('EFAv4', null, 28_800, neuron('trn3-arch')),
      part('data processing unit', 'Nitro card', 72, { source: trn3Blade }),
    ],
    source: neuron('trn3-arch'),
  },
  {
    chip: 'inferentia1',
    name: 'inf1.24xlarge',
    chips: 16,
    parts: [hostOf(), neuronLink('v1', (16 * 34) / 2, neuron('inf1-arch')), nitro()],
    source: neuron('inf1-arch'),
  },
  {
    chip: 'inferentia2',
    name: 'inf2.48xlarge',
    chips: 12,
    parts: [hostOf(), neuronLink('v2', (12 * 206) / 2, neuron('inf2-arch')), nitro()],
    source: neuron('inf2-arch'),
  },
]

/** The system that a chip comes in; `undefined` where nobody says. */
export function findSystem(chip: string): System | undefined {
  return systems.find(system => system.chip === chip)
}
