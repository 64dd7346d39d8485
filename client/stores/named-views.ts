/** Views that somebody gave a name to, kept in this browser: a name and an address of this page. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { rememberedList } from './remembered'

export interface NamedView {
  name: string
  /** Path and query. */
  to: string
}

const key = 'headgate.views'
const longestName = 60
const most = 100
const remembered = rememberedList(key, most, isView)

export const useNamedViews = defineStore('named-views', () => {
  const all = shallowRef<readonly NamedView[]>(remembered.read())
  window.addEventListener('storage', event => event.key === key && (all.value = remembered.read()))

  /** A name stands for one view: the newest that was saved under it. */
  function save(name: string, to: string) {
    const short = name.trim().slice(0, longestName)
    if (short !== '') keep([...all.value.filter(view => view.name !== short), { name: short, to }].slice(-most))
  }

  function rename(from: string, name: string) {
    const short = name.trim().slice(0, longestName)
    if (short === '' || short === from) return
    const others = all.value.filter(view => view.name !== short)
    keep(others.map(view => (view.name === from ? { ...view, name: short } : view)))
  }

  function remove(name: string) {
    keep(all.value.filter(view => view.name !== name))
  }

  function keep(next: readonly NamedView[]) {
    all.value = next
    remembered.write(next)
  }

  return { all, save, rename, remove }
})

/** An address of another site is none. */
function isView(view: unknown): view is NamedView {
  if (typeof view !== 'object' || view === null || !('name' in view) || !('to' in view)) return false
  return typeof view.name === 'string' && typeof view.to === 'string' && /^\/(?!\/)/.test(view.to)
}
