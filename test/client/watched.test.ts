import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import type { PoolFigures } from '../../server/protocol'
import type { Listener } from '../../client/socket'
import { useRun } from '../../client/stores/run'
import { useWatched, watchPools } from '../../client/stores/watched'
import { buildFleet, buildFrame, buildHello, buildPool } from '../support/frames'

const fleet = buildFleet({ pools: Array.from({ length: 64 }, (_, index) => buildPool(`p${index}`, 0)) })
const frameAt = (sequence: number) => buildFrame(fleet, sequence)
const figuresAt = (sequence: number, pools: number[]): PoolFigures => {
  const of = buildFleet({ pools: pools.map(index => buildPool(`p${index}`, 0, { replicas: index })) })
  return { sequence, pools, columns: buildFrame(of, sequence).pools }
}

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
})
afterEach(() => {
  vi.useRealTimers()
})

function open() {
  const run = useRun()
  const asked: number[][] = []
  let listener: Listener | undefined
  run.start(given => {
    listener = given
    return {
      command: async () => ({ ok: true, id: 'a', revision: 1, effectiveAt: 0 }),
      frames: async since => ({ ok: true, from: since + 1, frames: [] }),
      range: async () => ({ ok: false, error: { field: 'history', value: null, expected: 'a history' } }),
      moment: async () => ({ ok: false, error: { field: 'history', value: null, expected: 'a history' } }),
      detail: async wish => ({ ok: true, pool: wish?.pool ?? null }),
      look: () => undefined,
      watch: async pools => {
        asked.push(pools)
        return { ok: true, pools }
      },
      edit: async () => ({ ok: true, mine: false, editing: null }),
      reconnect: () => undefined,
      preview: async () => ({ ok: true, superseded: true }),
      close: () => undefined,
    }
  })
  if (!listener) throw new Error('the run did not connect')
  return { run, server: listener, asked }
}

test('what panels want beyond the frame is asked for as one, again on each connection, and given back', async () => {
  const { server, asked } = open()
  const pools = ref([3, 70])
  const scope = effectScope()
  scope.run(() => {
    watchPools(() => pools.value)
    watchPools(() => [70, 900])
  })
  server.up()
  server.hello(buildHello({ fleet, frame: frameAt(4) }))
  await nextTick()
  expect(asked).toEqual([[70, 900]])
  pools.value = [71]
  await nextTick()
  expect(asked.at(-1)).toEqual([70, 71, 900])
  server.down()
  server.hello(buildHello({ fleet, frame: frameAt(5) }))
  await nextTick()
  expect(asked.slice(2)).toEqual([[70, 71, 900]])
  scope.stop()
  await nextTick()
  expect(asked.at(-1)).toEqual([])
})

test('a figure comes from the frame or from what is watched, and is withheld when that is of another moment', async () => {
  const { server } = open()
  const { poolFigure } = useWatched()
  server.up()
  server.hello(buildHello({ fleet, frame: frameAt(4) }))
  expect(poolFigure(63, 'replicas')).toBe(8)
  expect(poolFigure(70, 'replicas')).toBeNull()
  server.pools(figuresAt(4, [70, 900]))
  await nextTick()
  expect([poolFigure(70, 'replicas'), poolFigure(900, 'replicas'), poolFigure(71, 'replicas')]).toEqual([70, 900, null])
  server.frame(frameAt(5), 0)
  expect(poolFigure(70, 'replicas')).toBe(70)
  server.frame(frameAt(6), 0)
  expect(poolFigure(70, 'replicas')).toBeNull()
})
