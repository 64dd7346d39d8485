import { GB, Gbps } from '../units'
import type { Fact, Source } from './source'

export type PartKind =
  'host CPU' | 'scale-up switch' | 'network card' | 'data processing unit' | 'Ethernet switch' | 'memory'

/** A part that comes with the chips of a system; `null` where nobody says. */
export interface Part {
  kind: PartKind
  name: string
  /** How many in the system; a fraction is the system's share of what it shares with others. */
  count: number | null
  /** What they carry in the system, all together, one way [bytes/s]; `null` too for what carries no traffic. */
  bandwidth: number | null
  /** Of one at its limit [W]. */
  watts: Fact | null
  /** Of one [$]. */
  price: Fact | null
  /** Stands outside the node or rack, whose published power leaves it out. */
  outside?: true
  source: Source
}

export const evolution = vendor(
  '"NVIDIA AI Infrastructure Architecture Evolution", tables from NVIDIA documents',
  '2026-09-28',
)
const awsHosts = vendor(
  'AWS EC2 user guide, accelerated computing instances; power and price of its hosts are not public',
  '2026',
)

export function part(
  kind: PartKind,
  name: string,
  count: number | null,
  figures: Partial<Omit<Part, 'kind' | 'name' | 'count'>> & { source: Source },
): Part {
  return { kind, name, count, bandwidth: null, watts: null, price: null, ...figures }
}

export function hostOf(): Part {
  return part('host CPU', 'Host processors', null, { source: awsHosts })
}

export function nitro(): Part {
  return part('data processing unit', 'Nitro cards', null, { source: awsHosts })
}

/** Network cards of AWS, with the bandwidth of all of them [Gb/s]. */
export function efa(name: string, count: number | null, gigabits: number, source: Source): Part {
  return part('network card', name, count, { bandwidth: gigabits * Gbps, source })
}

/** NVLink switches of a node, with the bandwidth of all its chips, one way [GB/s]. */
export function nvswitch(generation: number, count: number | null, gigabytes: number, source: Source): Part {
  return part('scale-up switch', `NVLink ${generation} switch`, count, { bandwidth: gigabytes * GB, source })
}

/** Chip-to-chip links without a switch, with the bandwidth of all chips, one way [GB/s]. */
export function neuronLink(version: string, gigabytes: number, source: Source): Part {
  return part('scale-up switch', `NeuronLink-${version}, no switch`, null, { bandwidth: gigabytes * GB, source })
}

/**
 * A rack's share of the Ethernet fabric that its cards need [Gb/s], if it does not block and has two tiers: each leaf
 * gives half of its capacity to racks and half to spines, so that three switches pass on what one carries for racks.
 */
export function ethernet(name: string, capacity: number, network: number, watts: Fact | null): Part {
  const source: Source = {
    basis: 'modelled',
    source: `${capacity / 1000} Tb/s a switch (${evolution.source}); a fabric of two tiers that does not block is assumed`,
    date: evolution.date,
  }
  return part('Ethernet switch', name, (3 * network) / capacity, {
    bandwidth: network * Gbps,
    watts,
    outside: true,
    source,
  })
}

export function modelled(fact: Fact, why: string): Fact {
  return { ...fact, basis: 'modelled', source: `${why}: ${fact.source}` }
}

export function vendor(source: string, date: string): Source {
  return { basis: 'vendor', source, date }
}
