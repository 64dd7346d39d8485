/** What the place that is open can be saved as: each panel says so while it stands there. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Sheet } from '../export'
import type { Piece } from '../picture'

export interface Exportable {
  title: string
  sheet: () => Sheet
  /** Where a panel is more than a table. */
  piece?: () => Piece | null
}

export const useExports = defineStore('exports', () => {
  const panels = shallowRef<ReadonlyMap<symbol, Exportable>>(new Map())

  function offer(panel: Exportable): () => void {
    const key = Symbol(panel.title)
    panels.value = new Map([...panels.value, [key, panel]])
    return () => (panels.value = new Map([...panels.value].filter(([each]) => each !== key)))
  }

  return { offered: computed(() => [...panels.value.values()]), offer }
})
