/** Families of the ledger whose pools are listed: those that somebody chose, else as many as there is room for. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Family } from '../../simulation/index'
import { shownIn } from '../charts/members'
import { useRun } from './run'
import { useView } from './view'

export const useFolds = defineStore('folds', () => {
  const run = useRun()
  const view = useView()
  /** Rows of pools that the ledger can show at once. */
  const room = ref(0)
  /** The pool that somebody looks for; a new object each time. */
  const sought = shallowRef<{ pool: number } | null>(null)

  const families = computed(() => {
    const { fleet } = run
    if (!fleet) return []
    const shown = shownIn(fleet, view)
    return fleet.families.map(({ id }, index) => ({
      id,
      pools: fleet.pools.filter((pool, at) => pool.family === index && shown.pools.has(at)).length,
    }))
  })
  const open = computed(() => new Set(view.open ?? openByItself(families.value, room.value)))

  function toggle(id: Family) {
    view.open = open.value.has(id) ? [...open.value].filter(each => each !== id) : [...open.value, id]
  }

  function openAll() {
    view.open = families.value.map(({ id }) => id)
  }

  function foldAll() {
    view.open = []
  }

  function seek(pool: number) {
    const family = run.fleet?.families[run.fleet.pools[pool]?.family ?? -1]?.id
    if (family && !open.value.has(family)) toggle(family)
    sought.value = { pool }
  }

  return { room, sought, open, toggle, openAll, foldAll, seek }
})

/** In order, each family that still fits. */
export function openByItself<Id>(families: readonly { id: Id; pools: number }[], room: number): Id[] {
  let left = room
  return families.flatMap(({ id, pools }) => {
    if (pools > left) return []
    left -= pools
    return [id]
  })
}
