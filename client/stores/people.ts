/** Who else is here, and who edits the routing; tells the server what this screen looks at and whether it edits. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { places } from '../places'
import { useDraft } from './draft'
import { useRun } from './run'

export interface Colleague {
  name: string
  /** Two letters. */
  initials: string
  /** This screen's own person. */
  you: boolean
  edits: boolean
  /** In words: "anna, operator, on Route". */
  sentence: string
}

/** A lease that goes on is renewed so often at most [ms]. */
const renewMs = 15_000

export const usePeople = defineStore('people', () => {
  const run = useRun()
  const draft = useDraft()
  const place = ref<string | null>(null)
  let askedAt = -Infinity

  const people = computed<Colleague[]>(() => {
    const { people, editing } = run.presence
    return people.map(({ name, role, screens, places: visited }) => {
      const edits = editing?.name === name
      const where = visited.map(path => places.find(place => place.path === path)?.title ?? path).join(' and ')
      const parts = [
        name,
        role,
        where && `on ${where}`,
        screens > 1 && `${screens} screens`,
        edits && 'edits the routing',
      ]
      return {
        name,
        initials: initialsOf(name),
        you: name === run.you?.name,
        edits,
        sentence: parts.filter(Boolean).join(', '),
      }
    })
  })
  const more = computed(() => run.presence.more)
  /** This screen holds the lease. */
  const editing = computed(() => run.presence.editing !== null && run.presence.editing.session === run.you?.session)
  /** Who holds it, if this screen does not. */
  const editor = computed(() => {
    const lease = run.presence.editing
    if (!lease || editing.value) return null
    return lease.name === run.you?.name ? 'you on another screen' : lease.name
  })

  // each connection is told anew
  watch(
    () => [run.you, place.value] as const,
    ([you, path]) => you && path !== null && run.look(path),
    { immediate: true },
  )
  watch(
    () => [draft.edited, draft.routing, run.you] as const,
    ([edited, , you], [before]) => {
      if (!you || !run.mayAct) return
      if (edited) void renew()
      else if (before) void release()
    },
  )

  function lookAt(path: string) {
    place.value = path
  }

  async function renew(take = false) {
    const now = performance.now()
    if (!take && editing.value && now - askedAt < renewMs) return
    askedAt = now
    hear(await run.edit({ on: true, take }))
  }

  async function release() {
    if (editing.value) hear(await run.edit({ on: false }))
  }

  /** The answer is newer than what was told to all. */
  function hear(answer: Awaited<ReturnType<typeof run.edit>>) {
    if (answer) run.presence = { ...run.presence, editing: answer.editing }
  }

  return { people, more, editing, editor, lookAt, takeOver: () => renew(true) }
})

function initialsOf(name: string): string {
  const words = name.split(/[\s._@-]+/).filter(Boolean)
  const letters = words.length > 1 ? words.map(word => [...word][0]) : [...(words[0] ?? '')]
  return letters.slice(0, 2).join('').toUpperCase()
}
