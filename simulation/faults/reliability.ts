import { chipsPerHost } from '../catalog/storage'
import type { Fact } from '../catalog/source'
import { DAY, HOUR } from '../units'

const herd = 'The Llama 3 Herd of Models (arXiv 2407.21783), 54 days on 16,384 H100'
const [days, chips] = [54, 16_384]

/** How often parts fail and how long they are away. */
export const reliability = {
  /**
   * From one failure of a chip to the next [s]: faulty GPU (148), HBM3 (72), SRAM (19), system processor (17), silent
   * corruption (6), thermal interface and sensors (6).
   */
  chip: {
    value: (chips * days * DAY) / (148 + 72 + 19 + 17 + 6 + 6),
    basis: 'measured',
    source: `${herd}: 268 interruptions by chips`,
    date: '2024-07',
  },
  /**
   * The same of a host of eight chips: network card (7), disk (3), power supply (3), chassis, expansion board, CPU and
   * memory (2 each), and unplanned maintenance (32).
   */
  host: {
    value: ((chips / chipsPerHost) * days * DAY) / (7 + 3 + 3 + 2 + 2 + 2 + 2 + 32),
    basis: 'measured',
    source: `${herd}: 53 interruptions by hosts`,
    date: '2024-07',
  },
  /** Until what has failed is back, weights not yet loaded [s]. */
  repair: {
    value: 2.2 * HOUR,
    basis: 'estimate',
    source: 'recovery time in the projection of Cui et al., Story of Two GPUs (arXiv 2503.11901), as quoted by others',
    date: '2025',
    note: 'exponential around this mean; a swap of the part takes days where no spare stands ready',
  },
} satisfies Record<string, Fact>
