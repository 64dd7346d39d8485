/** What was done to the run, newest first: pages asked for as they are needed, new entries as they come. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { AuditEntry, AuditFilter, AuditPage, CommandAnswer } from '../../server/protocol'
import { useRun } from './run'

const most = 500

export const useAudit = defineStore('audit', () => {
  const run = useRun()
  const filter = shallowRef<AuditFilter>({})
  const entries = shallowRef<AuditEntry[]>([])
  /** To ask for what is older; `null` where nothing is. */
  const before = ref<number | null>(null)
  const loading = ref(false)
  /** Why the newest question was not answered, in words. */
  const trouble = ref<string | null>(null)
  /** How the newest roll back went, in words. */
  const told = ref<string | null>(null)
  let asked = 0
  /** A list that stays open for days grows no longer than this. */
  let wanted = most

  const files = computed(() => ({
    csv: `/api/v1/changes.csv?${queryOf(filter.value)}`,
    ndjson: `/api/v1/changes.ndjson?${queryOf(filter.value)}`,
  }))

  watch(() => run.entry, hear)

  /** Asks anew for the newest that fit. */
  async function look(narrowed: AuditFilter) {
    filter.value = narrowed
    const page = await ask(queryOf(narrowed))
    if (!page) return
    wanted = most
    entries.value = page.entries
    before.value = page.before
  }

  async function more() {
    if (before.value === null || loading.value) return
    const page = await ask(queryOf({ ...filter.value, before: before.value }))
    if (!page) return
    entries.value = [...entries.value, ...page.entries]
    before.value = page.before
    wanted = Math.max(wanted, entries.value.length)
  }

  /** `null` where nothing came, or a newer question was asked. */
  async function ask(query: URLSearchParams): Promise<AuditPage | null> {
    const question = ++asked
    loading.value = true
    try {
      const response = await fetch(`/api/v1/changes?${query}`)
      const answer = await response.json()
      if (question !== asked) return null
      trouble.value = response.ok ? null : `${answer.error.field}: expected ${answer.error.expected}`
      return response.ok ? answer : null
    } catch {
      if (question === asked) trouble.value = 'The server does not answer.'
      return null
    } finally {
      if (question === asked) loading.value = false
    }
  }

  /** What comes while one looks stands on top; under a filter the server says whether it fits. */
  function hear(entry: AuditEntry | null) {
    if (!entry) return
    if (entries.value.some(({ number }) => number === entry.number)) {
      entries.value = entries.value.map(each => (each.number === entry.number ? entry : each))
      return
    }
    if (entry.number < (entries.value[0]?.number ?? 0)) return
    if (Object.keys(filter.value).length > 0) void look(filter.value)
    else entries.value = [entry, ...entries.value]
    if (entries.value.length <= wanted) return
    // what falls off the end can be asked for again
    entries.value = entries.value.slice(0, wanted)
    before.value = entries.value.at(-1)?.number ?? null
  }

  /** Puts the routing of an earlier revision in force, as a new revision. */
  async function rollBack(to: number) {
    told.value = null
    told.value = tell(await run.send({ kind: 'roll-back', to, reason: `Roll back to r${to}` }), to)
  }

  return { filter, entries, before, loading, trouble, told, files, look, more, rollBack }
})

function queryOf(wanted: Record<string, string | number | undefined>): URLSearchParams {
  const given = Object.entries(wanted).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return new URLSearchParams(given)
}

function tell(answer: CommandAnswer, to: number): string {
  if (answer.ok) return `r${answer.revision} is in force: the routing of r${to}.`
  if ('error' in answer) return `Refused: ${answer.error.field}, expected ${answer.error.expected}.`
  return 'Refused: another change came first.'
}
