import type { Fact } from './source'

/** How far a kind of link gets: share of its bandwidth that large transfers reach, and latency of a transfer [s]. */
interface Link {
  efficiency: Fact
  latency: Fact
}

const efa = 'Trainium2 to B200 over one 200 Gb/s EFA rail: 23 to 24 GB/s at 256 MB, 10 to 13 GB/s at 1 MB'

/** Links between replicas. */
export const links = {
  /** Network cards: EFA, ConnectX over Spectrum-X. */
  scaleOut: {
    efficiency: { value: 0.94, basis: 'measured', source: `${efa}; 23.5 of 25 GB/s`, date: '2026' },
    latency: { value: 45e-6, basis: 'measured', source: `${efa}; what 1 MB takes beyond its bytes`, date: '2026' },
  },
  /** NVLink, NeuronLink and chip-to-chip links inside a domain. */
  scaleUp: {
    efficiency: {
      value: 0.8,
      basis: 'estimate',
      source: 'as collectives reach it in the calibrated fits',
      date: '2026',
    },
    latency: {
      value: 10e-6,
      basis: 'estimate',
      source: 'a collective over NVLink in the calibrated fits',
      date: '2026',
    },
  },
} satisfies { scaleOut: Link; scaleUp: Link }
