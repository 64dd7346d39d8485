/** Measures the ledger: where the ribbons of the flow end, and how many pools have room. */
import { onBeforeUnmount, onMounted, watchEffect, type Ref } from 'vue'
import { drawnScale } from '../../drawn'
import type { Anchors, ListedFamily } from './ledger'

/** Rows of pools where the ledger may be as long as it wants. */
const roomOnPage = 24
/** Of a family, before there are any. */
const usualRow = 31
const usualFamilies = 6

export interface AnchoredLedger {
  root: Ref<HTMLElement | undefined>
  table: Ref<HTMLElement | undefined>
  families: () => readonly ListedFamily[]
  /** Of the fleet, those included that are not listed now. */
  familyCount: () => number
  /** Whether ribbons end in families alone. */
  byFamily: () => boolean
  /** Of a pool's row [px]. */
  poolHeight: number
  anchored: (anchors: Anchors) => void
  /** Told how many pools fit below the families. */
  roomFor: (pools: number) => void
}

/** In setup. The answer measures anew before the next frame is painted: to be called when rows move. */
export function useAnchors({
  root,
  table,
  families,
  familyCount,
  byFamily,
  poolHeight,
  anchored,
  roomFor,
}: AnchoredLedger): () => void {
  let waiting = 0
  const measured = new ResizeObserver(measure)
  onMounted(() => {
    for (const element of [root.value, table.value]) if (element) measured.observe(element)
    measure()
  })
  watchEffect(() => families().length > 0 && soon())
  onBeforeUnmount(() => {
    measured.disconnect()
    cancelAnimationFrame(waiting)
  })
  return soon

  function soon() {
    cancelAnimationFrame(waiting)
    waiting = requestAnimationFrame(measure)
  }

  function measure() {
    const host = root.value
    if (!host) return
    const head = (table.value?.querySelector('thead')?.getBoundingClientRect().height ?? 0) / drawnScale(host)
    anchored(anchorsIn(host, head))
    roomFor(roomIn(host, head))
  }

  /** Rows out of sight count as at the edge. */
  function anchorsIn(host: HTMLElement, head: number): Anchors {
    const scale = drawnScale(host)
    const { top, height: drawn } = host.getBoundingClientRect()
    const height = drawn / scale
    const at = (edge: number) => (edge - top) / scale
    const centre = (edge: number, size: number) => Math.min(height - 8, Math.max(head, edge + size / 2))
    const anchors: Anchors = { families: [], pools: [] }
    for (const { id, index, open, pools } of families()) {
      const row = host.querySelector(`tr[data-family="${id}"]`)?.getBoundingClientRect()
      if (!row) continue
      anchors.families[index] = centre(at(row.top), row.height / scale)
      if (open && !byFamily())
        pools.forEach((pool, place) => {
          anchors.pools[pool] = centre(at(row.bottom) + place * poolHeight, poolHeight)
        })
    }
    for (const row of host.querySelectorAll<HTMLElement>('tr[data-pool]')) {
      const { top: edge, height: size } = row.getBoundingClientRect()
      anchors.pools[Number(row.dataset.pool)] = centre(at(edge), size / scale)
    }
    return anchors
  }

  function roomIn(host: HTMLElement, head: number): number {
    if (getComputedStyle(host).overflowY === 'visible') return roomOnPage
    const row = host.querySelector<HTMLElement>('tr.family')?.offsetHeight ?? usualRow
    const count = familyCount() || usualFamilies
    return Math.floor((host.clientHeight - head - count * row) / poolHeight)
  }
}
