/** What this screen shows, as against what the run does: theme, moment, span of the charts, filter, crosshair. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { Family } from '../../simulation/index'

export const themes = ['light', 'dark', 'contrast-light', 'contrast-dark'] as const
export type Theme = (typeof themes)[number]

/** Simulated times [s]. */
export interface Span {
  from: number
  to: number
}

const key = 'headgate.theme'

export const useView = defineStore('view', () => {
  const root = document.documentElement
  const [light, contrast, forced] = [
    '(prefers-color-scheme: light)',
    '(prefers-contrast: more)',
    '(forced-colors: active)',
  ].map(query => matchMedia(query))
  /** What was chosen here, and is remembered; `null` follows the system. */
  const chosenTheme = ref(remembered())
  /** What the screen is drawn in. */
  const theme = ref<Theme>(chosenTheme.value ?? systemTheme())
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
  /** Families of the ledger whose pools are listed; `null` leaves that to the room there is. */
  const open = shallowRef<Family[] | null>(null)
  /** The pool that is looked into, by its id, and the one of its replicas; `null` is none. */
  const pool = ref<string | null>(null)
  const replica = ref<number | null>(null)

  for (const query of [light, contrast, forced]) query?.addEventListener('change', follow)
  // another tab may have chosen
  window.addEventListener('storage', event => {
    if (event.key !== key) return
    chosenTheme.value = remembered()
    follow()
  })
  follow()

  function chooseTheme(next: Theme | null) {
    chosenTheme.value = next
    follow()
    try {
      if (next === null) localStorage.removeItem(key)
      else localStorage.setItem(key, next)
    } catch {
      // storage may be barred; the choice then lasts as long as the page
    }
  }

  function follow() {
    theme.value = chosenTheme.value ?? systemTheme()
    root.dataset.theme = theme.value
  }

  function systemTheme(): Theme {
    const scheme = light?.matches ? 'light' : 'dark'
    return contrast?.matches || forced?.matches ? `contrast-${scheme}` : scheme
  }

  return {
    theme,
    chosenTheme,
    crosshair,
    at,
    span,
    families,
    workloads,
    charts,
    tables,
    open,
    pool,
    replica,
    chooseTheme,
  }
})

function remembered(): Theme | null {
  try {
    const stored = localStorage.getItem(key)
    return themes.find(theme => theme === stored) ?? null
  } catch {
    return null
  }
}
