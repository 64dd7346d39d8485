import { expect, test } from 'vitest'
import { startShards } from '../../server/live/shards'
import { fleets, shardsOf, takeFrame, type Fleet, type Mirrors, type Routing } from '../../simulation/index'

/** The million-chip fleet with a thousandth of its replicas and requests. */
function small(): Fleet {
  const { million } = fleets
  if (!million) throw new Error('there is no fleet of a million chips')
  return {
    ...million,
    pools: million.pools.map(pool => ({ ...pool, replicas: Math.max(1, Math.round(pool.replicas / 1000)) })),
    workloads: million.workloads.map(workload => {
      const { arrivals } = workload
      if (arrivals === null || arrivals.kind === 'trace' || arrivals.kind === 'closed') return workload
      const stages = arrivals.stages.map(stage => ({ ...stage, rate: stage.rate / 1000 }))
      return { ...workload, arrivals: { ...arrivals, stages } }
    }),
  }
}

test('a run on several threads gives the same frames as on one, a change of routing, mirrors and a fault by command included', async () => {
  const fleet = small()
  const moved: Routing = { code: [{ prefill: 'b200-code-a', decode: 'b200-code-a', share: 1 }] }
  const mirrored: Mirrors = Object.fromEntries(
    ['chat', 'code'].map(workload => {
      const pools = fleet.pools.filter(({ id }) => id.includes(workload)).slice(-2)
      return [workload, pools.map(({ id }) => ({ prefill: id, decode: id, part: 0.3 }))]
    }),
  )
  const frames = async (threads: number) => {
    const shards = startShards({ fleet, seed: 5 }, threads)
    const taken = []
    for (let time = 1; time <= 24; time++) {
      if (time === 10) shards.setRouting(moved, 2)
      if (time === 14) shards.perform({ kind: 'fault', fault: { id: 'hot', kind: 'throttling', pool: 'b200-code-a' } })
      if (time === 20) shards.perform({ kind: 'clear', fault: 'hot' })
      if (time === 12) shards.setRouting({}, 3, mirrored)
      if (time === 18) shards.setRouting({}, 4, { chat: [] })
      shards.advance(time)
      taken.push(takeFrame(shards.simulation, time))
    }
    await shards.stop()
    return taken
  }
  const alone = await frames(1)
  expect(alone.at(-1)?.totals.finished).toBeGreaterThan(2000)
  expect(alone[16]?.mirrors?.copied.every(rate => Number(rate) > 0)).toBe(true)
  expect(alone.at(-1)?.mirrors?.workload).toHaveLength(2)
  expect(await frames(2)).toEqual(alone)
  expect(await frames(4)).toEqual(alone)
})

test.each([1, 2, 4])(
  'a run on %i threads that is saved goes on as if it were not, and so does what was saved',
  async threads => {
    const fleet = small()
    const begin = startShards({ fleet, seed: 5 }, threads)
    begin.advance(10)
    begin.perform({ kind: 'fault', fault: { id: 'hot', kind: 'throttling', pool: 'b200-code-a' } })
    const saved = await begin.save()
    // into whatever number of threads: it stays in the parts in which it was
    const again = startShards({ fleet, seed: 5 }, 3, structuredClone(saved))
    for (const time of [12, 16, 24]) {
      for (const shards of [begin, again]) {
        if (time === 16) shards.perform({ kind: 'clear', fault: 'hot' })
        shards.advance(time)
      }
      expect(takeFrame(again.simulation, time)).toEqual(takeFrame(begin.simulation, time))
    }
    await begin.stop()
    await again.stop()
  },
  200_000,
)

test('faults are the same on several threads, those that turn requests to other zones too', async () => {
  const fleet = small()
  const lost = fleet.pools.filter(({ id }) => id.startsWith('b200-code')).slice(0, 1)
  const faulty: Fleet = {
    ...fleet,
    failures: 3e5,
    faults: lost.flatMap(({ id: pool, replicas }) =>
      Array.from({ length: replicas }, (_, replica) => ({
        id: `${pool} ${replica}`,
        kind: 'chip-loss' as const,
        pool,
        replica,
        at: 5,
        duration: 6,
      })),
    ),
  }
  const frames = async (threads: number) => {
    const shards = startShards({ fleet: faulty, seed: 5 }, threads)
    const taken = []
    for (let time = 1; time <= 16; time++) {
      shards.advance(time)
      taken.push(takeFrame(shards.simulation, time))
    }
    await shards.stop()
    return taken
  }
  const alone = await frames(1)
  const gone = fleet.pools.findIndex(({ id }) => id === lost[0]?.id)
  expect(alone[7]?.pools.available[gone]).toBe(0)
  expect(alone.at(-1)?.pools.available.some((share, index) => index !== gone && share !== 1)).toBe(true)
  expect(await frames(4)).toEqual(alone)
})

test('zones between which requests move stay on one thread', () => {
  const fleet = small()
  expect(shardsOf(fleet, 8)).toHaveLength(4)
  expect(shardsOf(fleet, 2).map(pools => pools.length)).toEqual([24, 24])
  const spilling = {
    ...fleet,
    workloads: fleet.workloads.map(workload => ({ ...workload, spill: workload.id === 'chat' })),
  }
  expect(shardsOf(spilling, 8)).toHaveLength(1)
})
