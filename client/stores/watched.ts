/** Pools beyond those of the frame: which of them panels want, and their figures. */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowReactive, shallowRef, watch, watchEffect } from 'vue'
import type { PoolFigures } from '../../server/protocol'
import type { Figure, PoolMetric } from '../../simulation/index'
import { toldFigure } from '../pool-figure'
import { useRun } from './run'

/** So many the server takes at a time. */
const most = 64

export const useWatched = defineStore('watched', () => {
  const run = useRun()
  const wishes = shallowReactive(new Map<symbol, readonly number[]>())
  const figures = shallowRef<PoolFigures | null>(null)
  /** Why the server does not send them. */
  const refused = shallowRef<string | null>(null)

  /** Pools at the head of the fleet that every frame tells of. */
  const framed = computed(() => run.frame?.pools.running.length ?? Infinity)
  const wanted = computed(() => {
    const beyond = new Set([...wishes.values()].flat().filter(index => index >= framed.value))
    return [...beyond].sort((a, b) => a - b).slice(0, most)
  })

  // each connection is told anew
  watch(
    () => [wanted.value.join(), run.you] as const,
    ([pools, you], [before]) => {
      if (you && (pools || before)) void ask()
    },
  )
  watch(
    () => run.poolFigures,
    next => {
      // of a screen that shows another moment, they stay as they were
      if (next && run.frame && next.sequence <= run.frame.sequence) figures.value = next
    },
  )

  /** Says what a panel wants, until it says otherwise. */
  function want(panel: symbol, pools: readonly number[]) {
    if (pools.length > 0) wishes.set(panel, pools)
    else wishes.delete(panel)
  }

  async function ask() {
    const answer = await run.watchPools(wanted.value)
    refused.value = answer.ok ? null : answer.error.expected
  }

  /** A figure of any pool now; `null` where it is withheld, or nothing comes of the pool. */
  function poolFigure(index: number, metric: PoolMetric): Figure {
    const { frame } = run
    if (!frame) return null
    if (index < framed.value) return frame.pools[metric][index] ?? null
    const told = figures.value
    const place = told?.pools.indexOf(index) ?? -1
    // they come right after their frame
    if (!told || place < 0 || told.sequence < frame.sequence - 1 || told.sequence > frame.sequence)
      return toldFigure(frame, index, metric) ?? null
    return told.columns[metric][place] ?? null
  }

  return { framed, wanted, refused, want, poolFigure }
})

/** In setup: these pools are watched while the component is there. */
export function watchPools(pools: () => readonly number[]) {
  const { want } = useWatched()
  const panel = Symbol('panel')
  watchEffect(() => want(panel, pools()))
  onScopeDispose(() => want(panel, []))
}
