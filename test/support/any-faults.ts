import fc from 'fast-check'
import type { Failing, Fleet, Pool, ScheduledFault } from '../../simulation/index'
import { anyFullFleet } from './any-fleet'

const anyFailing = fc.record({
  kind: fc.constantFrom(
    ...([
      'chip-loss',
      'chip-loss',
      'node-loss',
      'throttling',
      'power-cap',
      'slow-link',
      'lost-rdma',
      'bad-deploy',
      'stuck',
      'chip-price',
      'electricity-price',
    ] as const),
  ),
  pool: fc.nat(5),
  place: fc.nat(5),
  amount: fc.double({ min: 0.05, max: 1, noNaN: true }),
  at: fc.double({ min: 0, max: 5, noNaN: true }),
  duration: fc.option(fc.double({ min: 0.01, max: 3, noNaN: true }), { nil: undefined }),
})

/** A fleet with everything on, and up to eight faults in its first five seconds. */
export const anyFaultyFleet: fc.Arbitrary<Fleet> = fc
  .record({ fleet: anyFullFleet, faults: fc.array(anyFailing, { minLength: 1, maxLength: 8 }) })
  .map(({ fleet, faults }) => ({
    ...fleet,
    faults: faults.flatMap(({ at, duration, pool: index, ...fault }, i): ScheduledFault[] => {
      const pool = fleet.pools[index % fleet.pools.length]
      return pool ? [{ id: `f${i}`, at, ...(duration === undefined ? {} : { duration }), ...failing(pool, fault) }] : []
    }),
  }))

function failing(
  { id: pool, chip, replicas }: Pool,
  { kind, place, amount }: { kind: Failing['kind']; place: number; amount: number },
): Failing {
  switch (kind) {
    case 'chip-loss':
    case 'stuck':
      return { kind, pool, replica: place % replicas }
    case 'node-loss':
      return { kind, pool, node: 0 }
    case 'throttling':
      return place % 2 === 0 ? { kind, pool, clock: amount } : { kind, pool, replica: place % replicas }
    case 'power-cap':
      return { kind, pool, watts: 1000 * amount }
    case 'slow-link':
      return { kind, pool, factor: 1 / amount }
    case 'lost-rdma':
      return { kind, pool }
    case 'bad-deploy':
      return { kind, pool, share: amount }
    case 'chip-price':
      return { kind, chip, hour: 10 * amount }
    case 'electricity-price':
      return { kind, price: 1e-7 * amount }
  }
}
