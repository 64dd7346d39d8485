/** What happened to the run, as charts and lists mark it: changes, faults, alerts, what was unusual; each leads to its entry. */
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import type { AuditEntry, AuditPage, Change } from '../../server/protocol'
import { alertMarks, anomalyMarks } from './alert-marks'
import { useRun } from './run'

export interface Mark {
  id: string
  kind: 'change' | 'fault' | 'alert' | 'anomaly'
  /** Of an alert. */
  severity?: 'warning' | 'critical'
  /** Simulated time [s]. */
  time: number
  /** Short, beside the mark: "r412", "throttling". */
  name: string
  summary: string
  /** Beside it in a list: why, or what became of it. */
  more: string | null
  automatic: boolean
  to: RouteLocationRaw
}

/** Entries of the journal that are marked beside changes of routing. */
const marked = { fault: 'fault', drain: 'change', stop: 'change', resume: 'change', reprovision: 'change' } as const
const kept = 500

export const useMarks = defineStore('marks', () => {
  const run = useRun()
  const entries = shallowRef<AuditEntry[]>([])

  /** What charts mark, oldest first; the same list while it is the same, for alerts are told often. */
  const marks = computed<Mark[]>(before => {
    const next = inOrder([
      ...run.changes.map(changeMark),
      ...entries.value.flatMap(entry => entryMark(entry) ?? []),
      ...alertMarks(run.fleet, run.alerts),
    ])
    return before && JSON.stringify(before) === JSON.stringify(next) ? before : next
  })
  /** That and what was unusual. */
  const events = computed(() => inOrder([...marks.value, ...anomalyMarks(run.alerts)]))

  // a new run, or a server that came back, is asked anew
  watch(() => run.hello, ask, { immediate: true })
  watch(
    () => run.entry,
    entry => {
      if (entry && kindOf(entry) && !entries.value.some(({ number }) => number === entry.number))
        entries.value = [...entries.value, entry].slice(-kept)
    },
  )

  async function ask() {
    const asker = run.hello
    if (!asker) return
    const pages = await Promise.all(Object.keys(marked).map(kind => pageOf(kind)))
    if (run.hello !== asker) return
    const answered = pages.flatMap(page => page?.entries ?? [])
    const newer = entries.value.filter(({ number }) => number > Math.max(0, ...answered.map(entry => entry.number)))
    if (pages.every(page => page !== null)) entries.value = [...answered, ...newer].slice(-kept)
  }

  return { marks, events }
})

/** `null` where the server does not answer; the next greeting asks again. */
async function pageOf(kind: string): Promise<AuditPage | null> {
  try {
    const response = await fetch(`/api/v1/changes?kind=${kind}&limit=100`)
    return response.ok ? await response.json() : null
  } catch {
    return null
  }
}

function inOrder(marks: Mark[]): Mark[] {
  return marks.sort((a, b) => a.time - b.time)
}

function changeMark({ revision, time, summary, reason, automatic }: Change): Mark {
  const to = { path: '/changes', query: { revision: String(revision) } }
  return {
    id: `r${revision}`,
    kind: 'change',
    time,
    name: `r${revision}`,
    summary,
    more: reason,
    automatic: automatic ?? false,
    to,
  }
}

function entryMark(entry: AuditEntry): Mark | null {
  const kind = kindOf(entry)
  if (!kind) return null
  const { number, time, automatic, reason } = entry
  // "fault heat: throttling of h200-chat" after its name
  const summary = entry.summary.replace(`${entry.kind} `, '')
  const to = { path: '/changes', query: { kind: entry.kind, change: String(number) } }
  return { id: `entry-${number}`, kind, time, name: entry.kind, summary, more: reason, automatic, to }
}

function kindOf({ kind }: AuditEntry): Mark['kind'] | null {
  return Object.entries(marked).find(([name]) => name === kind)?.[1] ?? null
}
