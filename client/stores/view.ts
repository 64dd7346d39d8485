/** What this screen shows, as against what the run does: theme, moment, span of the charts, filter, crosshair. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { Family } from '../../simulation/index'

export type Theme = 'dark' | 'light'

/** Simulated times [s]. */
export interface Span {
  from: number
  to: number
}

const key = 'headgate.theme'

export const useView = defineStore('view', () => {
  const system = matchMedia('(prefers-color-scheme: light)')
  const root = document.documentElement
  /** The system's, until somebody chooses; a choice is remembered. */
  const theme = ref<Theme>(root.dataset.theme === 'light' ? 'light' : 'dark')
  /** Simulated time that the pointer is at, the same in every chart; `null` when it is in none [s]. */
  const crosshair = ref<number | null>(null)
  /** The moment that the whole screen shows [s]; `null` is now. */
  const at = ref<number | null>(null)
  /** What all charts are zoomed to; `null` is their usual window. */
  const span = shallowRef<Span | null>(null)
  /** Those that charts and lists are narrowed to; `null` is all. */
  const families = shallowRef<Family[] | null>(null)
  const workloads = shallowRef<string[] | null>(null)
  /** Charts on Live, in order, as `charts/subjects` names them: "ttft", "ttft-workload"; `null` is the usual ones. */
  const charts = shallowRef<string[] | null>(null)
  /** Those of them that are shown as tables; `null` is none. */
  const tables = shallowRef<string[] | null>(null)

  system.addEventListener('change', () => {
    if (remembered() === null) show(systemTheme())
  })

  function chooseTheme(next: Theme) {
    show(next)
    try {
      // choosing what the system shows anyway means to follow it again
      if (next === systemTheme()) localStorage.removeItem(key)
      else localStorage.setItem(key, next)
    } catch {
      // storage may be barred; the choice then lasts as long as the page
    }
  }

  function show(next: Theme) {
    root.dataset.theme = next
    theme.value = next
  }

  function systemTheme(): Theme {
    return system.matches ? 'light' : 'dark'
  }

  return { theme, crosshair, at, span, families, workloads, charts, tables, chooseTheme }
})

function remembered(): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
