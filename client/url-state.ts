/** View state in the address: one codec per key, so that any view has a link, and back and forward lead through views. */
import { storeToRefs } from 'pinia'
import { watch, type Ref } from 'vue'
import { useRoute, useRouter, type LocationQuery, type LocationQueryValue, type Router } from 'vue-router'
import type { Family } from '../simulation/index'
import { dashes } from './charts/families'
import { useNotices } from './stores/notices'
import { useRun } from './stores/run'
import { useView, type Span } from './stores/view'

/** How a value stands in the address. */
export interface Codec<Value> {
  /** `undefined` where the text says nothing that is expected. */
  read(text: string): Value | undefined
  write(value: Value): string
  /** In words, for whoever wrote it otherwise. */
  expected: string
}

export const seconds: Codec<number> = {
  read: text => (/^\d{1,10}(\.\d{1,3})?$/.test(text) ? Number(text) : undefined),
  write: value => String(Math.round(value * 1000) / 1000),
  expected: 'simulated seconds',
}

export const span: Codec<Span> = {
  read: text => {
    const [from, to, ...more] = text.split('-').map(part => seconds.read(part))
    return from !== undefined && to !== undefined && more.length === 0 && from < to ? { from, to } : undefined
  },
  write: ({ from, to }) => `${seconds.write(from)}-${seconds.write(to)}`,
  expected: 'two times in simulated seconds, 600-1200',
}

/** Words of a list that is known, or of any shape of id; at least one. */
export function listOf<Word extends string>(expected: string, isWord: (text: string) => text is Word): Codec<Word[]> {
  return {
    read: text => {
      const words = text.split(',')
      return words.length <= 1000 && words.every(isWord) ? [...new Set(words)] : undefined
    },
    write: words => words.join(','),
    expected,
  }
}

const isFamily = (text: string): text is Family => Object.hasOwn(dashes, text)
export const families = listOf(`families among ${Object.keys(dashes).join(', ')}`, isFamily)
/** None of them is a view of its own. */
export const opened: Codec<Family[]> = {
  read: text => (text === 'none' ? [] : families.read(text)),
  write: words => (words.length === 0 ? 'none' : families.write(words)),
  expected: `none, or ${families.expected}`,
}
const isId = (text: string): text is string => /^[\w.-]{1,100}$/.test(text)
export const ids = listOf('ids, parted by commas', isId)

export const id: Codec<string> = {
  read: text => (isId(text) ? text : undefined),
  write: value => value,
  expected: 'an id',
}

export const number: Codec<number> = {
  read: text => (/^\d{1,7}$/.test(text) ? Number(text) : undefined),
  write: String,
  expected: 'a whole number from 0',
}

/** What of the view stands in the address, in this order. */
const codecs = {
  at: seconds,
  span,
  families,
  workloads: ids,
  charts: ids,
  tables: ids,
  open: opened,
  pool: id,
  replica: number,
}
type Key = keyof typeof codecs
const keys = [
  'at',
  'span',
  'families',
  'workloads',
  'charts',
  'tables',
  'open',
  'pool',
  'replica',
] as const satisfies readonly Key[]

/** Keeps the view store and the address alike, whichever of them changes; call it once. */
export function useViewInUrl(): void {
  const route = useRoute()
  const router = useRouter()
  const notices = useNotices()
  const view = useView()
  const run = useRun()
  const { at, span, families, workloads, charts, tables, open, pool, replica } = storeToRefs(view)

  keepOnTheWay(router)
  // while a hand drags the moment or the span, they are one view, not hundreds to go back through; nor is a fold a place
  const bound = [
    bind('at', codecs.at, at, 'replace'),
    bind('span', codecs.span, span, 'replace'),
    bind('families', codecs.families, families, 'push'),
    bind('workloads', codecs.workloads, workloads, 'push'),
    bind('charts', codecs.charts, charts, 'push'),
    bind('tables', codecs.tables, tables, 'push'),
    bind('open', codecs.open, open, 'replace'),
    bind('pool', codecs.pool, pool, 'push'),
    // walking along the replicas is one view
    bind('replica', codecs.replica, replica, 'replace'),
  ]
  watch(() => bound.map(({ said }) => said()), write, { flush: 'post' })
  watch([() => run.fleet, workloads, pool], dropUnknown)

  function bind<Value>(key: Key, codec: Codec<Value>, value: Ref<Value | null>, how: 'push' | 'replace') {
    const said = () => (value.value === null ? null : codec.write(value.value))
    watch(() => only(route.query[key]), read, { immediate: true })
    return { key, said, how }

    function read(given: string | null) {
      if (given === said()) return
      const next = given === null ? null : codec.read(given)
      if (next === undefined) notices.notice(wrong(key, given ?? '', codec))
      value.value = next ?? null
    }
  }

  function write() {
    const other = bound.filter(({ key, said }) => said() !== only(route.query[key]))
    if (other.length === 0) return
    const query = other.reduce((query, { key, said }) => withKey(query, key, said()), route.query)
    void router[other.some(({ how }) => how === 'push') ? 'push' : 'replace']({ query, hash: route.hash })
  }

  /** What the address names and the fleet has not is told, and shown no longer. */
  function dropUnknown() {
    const strange = view.pool
    if (strange !== null && run.fleet && !run.fleet.pools.some(each => each.id === strange)) {
      notices.notice(`This fleet has no pool ${strange}; left out.`)
      view.pool = view.replica = null
    }
    const known = run.fleet?.workloads.map(({ id }) => id)
    const unknown = view.workloads?.filter(id => known && !known.includes(id)) ?? []
    if (unknown.length === 0) return
    notices.notice(`This fleet has no workload ${unknown.join(', ')}; left out.`)
    const rest = view.workloads?.filter(id => !unknown.includes(id)) ?? []
    view.workloads = rest.length > 0 ? rest : null
  }
}

/** A link to another place says nothing of the view: it comes along. Back and forward lead to what stands there. */
function keepOnTheWay(router: Router): void {
  let popped = false
  window.addEventListener('popstate', () => (popped = true), true)
  router.beforeEach((to, from) => {
    if (popped || to.path === from.path || from.matched.length === 0) return true
    const kept = Object.fromEntries(
      keys.filter(key => key in from.query && !(key in to.query)).map(key => [key, from.query[key]]),
    )
    return Object.keys(kept).length === 0 || { path: to.path, query: { ...kept, ...to.query }, hash: to.hash }
  })
  router.afterEach(() => (popped = false))
}

function withKey(query: LocationQuery, key: string, text: string | null): LocationQuery {
  const { [key]: _, ...rest } = query
  return text === null ? rest : { ...rest, [key]: text }
}

function only(value: LocationQueryValue | LocationQueryValue[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null
}

function wrong<Value>(key: string, given: string, { expected }: Codec<Value>): string {
  const short = given.length > 40 ? `${given.slice(0, 40)}…` : given
  return `The address says ${key} “${short}”, expected ${expected}; ignored.`
}
