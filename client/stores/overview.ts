/** Goodput over the whole run, a point every so often: what the replay bar shows. */
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { useRun } from './run'

export interface Overview {
  /** From when on there is a history [s]. */
  oldest: number
  time: number[]
  /** NaN where nothing is known. */
  values: number[]
}

const mostPoints = 1600
const asked = 800

export const useOverview = defineStore('overview', () => {
  const run = useRun()
  const overview = shallowRef<Overview>({ oldest: 0, time: [], values: [] })
  /** Seconds from one point to the next. */
  let resolution = 1

  watch(() => run.hello, load, { immediate: true })
  watch(() => run.newest, add)

  async function load() {
    const asker = run.hello
    if (!asker) return
    const answer = await run.range({ from: 0, points: asked, series: ['fleet.goodput'] })
    if (!answer?.ok || run.hello !== asker) return
    resolution = answer.resolution
    const values = (answer.fleet.goodput ?? []).map(value => value ?? NaN)
    overview.value = { oldest: answer.oldest ?? 0, time: answer.time, values }
  }

  /** What came since, at the same resolution; half of the points where they become too many. */
  function add() {
    const frame = run.newest
    const { oldest, time, values } = overview.value
    const last = time.at(-1)
    if (!frame || (last !== undefined && frame.time < last + resolution)) return
    const next = { oldest, time: [...time, frame.time], values: [...values, frame.fleet.goodput ?? NaN] }
    overview.value = next.time.length > mostPoints ? halved(next) : next
    if (next.time.length > mostPoints) resolution *= 2
  }

  return { overview }
})

/** The mean of every two; where one is missing, the place stays empty. */
function halved({ oldest, time, values }: Overview): Overview {
  const seconds = time.filter((_, index) => index % 2 === 1)
  const means = seconds.map((_, index) => ((values[index * 2] ?? NaN) + (values[index * 2 + 1] ?? NaN)) / 2)
  return { oldest, time: seconds, values: means }
}
