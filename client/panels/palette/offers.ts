/** Actions that every place has: to go places, to find what the fleet has, to step back. */
import { computed } from 'vue'
import { useRouter, type RouteLocationRaw } from 'vue-router'
import { offerAction, offerActions, type Action } from '../../actions'
import { places } from '../../places'
import { useDraft } from '../../stores/draft'
import { useFolds } from '../../stores/folds'
import { useNotices } from '../../stores/notices'
import { useRun } from '../../stores/run'

export function useOffers(): void {
  const router = useRouter()
  const run = useRun()
  const draft = useDraft()
  const notices = useNotices()
  const folds = useFolds()
  const newest = computed(() => run.changes.at(-1))

  offerActions(() =>
    places.map(({ name, path, title, keys }) => ({
      id: `go.${name}`,
      title: `Go to ${title}`,
      section: 'Places',
      keys,
      run: () => void router.push(path),
    })),
  )
  offerAction({
    id: 'go.content',
    title: 'Go to the content of the page',
    section: 'Places',
    keys: 'g m',
    run: () => document.getElementById('content')?.focus(),
  })
  offerAction({
    id: 'routing.roll-back',
    title: 'Roll back the newest change of routing',
    section: 'Routing',
    words: 'undo revert revision',
    keys: 'Shift+r',
    enabled: () => newest.value !== undefined && run.line === 'live' && run.mayAct && !draft.sending,
    run: () => void rollBack(),
  })
  offerActions(() => [...pools(), ...workloads(), ...chips(), ...revisions()])

  async function rollBack() {
    const change = newest.value
    if (!change) return
    await draft.undoChange(change)
    const { outcome } = draft
    if (outcome?.kind === 'applied')
      notices.notice(`r${change.revision} is rolled back: r${outcome.revision} is in force.`, {
        title: 'See Changes',
        run: () => void router.push('/changes'),
      })
    else if (outcome?.kind === 'waiting') notices.notice('The roll back waits for a second person.')
    else if (outcome?.kind === 'refused')
      notices.notice(`Not rolled back: ${outcome.error.field}, expected ${outcome.error.expected}.`)
    else notices.notice('Not rolled back: another change came first.')
  }

  function pools(): Action[] {
    return (run.fleet?.pools ?? []).map((pool, index) => ({
      id: `pool.${pool.id}`,
      title: pool.id,
      section: 'Pools',
      words: [pool.chipName, pool.zone, pool.system].filter(Boolean).join(' '),
      run: () => void seek(index),
    }))
  }

  function workloads(): Action[] {
    return (run.fleet?.workloads ?? []).map(({ id, name, modelName }) => ({
      id: `workload.${id}`,
      title: name,
      section: 'Workloads',
      words: modelName,
      run: () => void reach('/route', `[data-workload="${id}"] button`),
    }))
  }

  /** Each leads to the first pool that has it. */
  function chips(): Action[] {
    const all = run.fleet?.pools ?? []
    return [...new Set(all.map(({ chipName }) => chipName))].map(name => ({
      id: `chip.${name}`,
      title: name,
      section: 'Chips',
      words: 'accelerator',
      run: () => void seek(all.findIndex(({ chipName }) => chipName === name)),
    }))
  }

  function revisions(): Action[] {
    return run.changes.toReversed().map(({ revision, summary, reason }) => ({
      id: `revision.${revision}`,
      title: `r${revision}: ${summary}`,
      section: 'Revisions',
      words: reason ?? undefined,
      run: () => void router.push({ path: '/changes', query: { revision: String(revision) } }),
    }))
  }

  /** To the row of a pool, which the ledger may have folded away. */
  function seek(pool: number) {
    folds.seek(pool)
    return reach('/', `[data-pool="${pool}"] button`)
  }

  /** Goes there and puts the focus on what was meant, once it is drawn. */
  async function reach(to: RouteLocationRaw, selector: string) {
    await router.push(to)
    for (let frame = 0; frame < 60; frame++) {
      const found = document.querySelector<HTMLElement>(`main ${selector}`)
      if (found) {
        found.scrollIntoView({ block: 'center' })
        found.focus()
        return
      }
      await new Promise(requestAnimationFrame)
    }
  }
}
