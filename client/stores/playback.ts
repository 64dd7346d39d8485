/** How this screen moves through time: it follows the run, stands still, or plays what was. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { useRun } from './run'
import { useView } from './view'

/** Times the speed of the run. */
export const rates = [1, 2, 5, 10, 30, 60] as const

const stepMs = 250

export const usePlayback = defineStore('playback', () => {
  const run = useRun()
  const view = useView()
  /** Whether it plays on, of a screen that shows the past. */
  const playing = ref(false)
  const rate = ref<number>(1)
  const newest = computed(() => run.newest?.time ?? null)
  /** Simulated seconds from what is shown to now. */
  const behind = computed(() => (view.at === null ? 0 : Math.max(0, (newest.value ?? view.at) - view.at)))
  let timer: ReturnType<typeof setInterval> | undefined

  watch(
    () => playing.value && view.at !== null,
    plays => {
      clearInterval(timer)
      if (plays) timer = setInterval(step, stepMs)
      else playing.value = false
    },
  )

  /** Stops this screen where it is, or lets it go on from there; the run and other screens do not notice. */
  function toggle() {
    if (view.at === null) pause()
    else playing.value = !playing.value
  }

  function pause() {
    playing.value = false
    if (newest.value !== null) view.at = newest.value
  }

  function toLive() {
    playing.value = false
    view.at = null
  }

  /** Shows a time [s]; from the newest on, the run as it goes. */
  function seek(time: number) {
    if (newest.value === null) return
    if (time >= newest.value - 1e-6) toLive()
    else view.at = Math.max(0, Math.round(time * 100) / 100)
  }

  function step() {
    if (view.at !== null) seek(view.at + (stepMs / 1000) * run.pace.speed * rate.value)
  }

  return { playing, rate, behind, toggle, toLive, seek }
})
