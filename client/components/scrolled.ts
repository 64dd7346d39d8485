/** Which rows are drawn of a list that scrolls in itself. */
import { computed, ref, type ComputedRef, type Ref } from 'vue'
import { rowsWithin, type Sight } from './sight'

export interface ScrolledList {
  count: () => number
  /** Of a row [px]. */
  rowHeight: number
  /** Drawn beyond those on the screen, so that a short scroll finds them there. */
  spare: number
  /** Of the list, before it is measured [px]. */
  usualHeight: number
}

/** In setup; `follow` is to be called when the list scrolls. */
export function useScrolledRows(
  host: Ref<HTMLElement | undefined>,
  { count, rowHeight, spare, usualHeight }: ScrolledList,
): { drawn: ComputedRef<Sight>; follow: () => void } {
  const clip = ref({ top: 0, bottom: usualHeight })
  const drawn = computed(() => rowsWithin({ top: 0, height: rowHeight, count: count() }, clip.value, spare))
  return { drawn, follow }

  function follow() {
    const top = host.value?.scrollTop ?? 0
    clip.value = { top, bottom: top + (host.value?.clientHeight ?? usualHeight) }
  }
}
