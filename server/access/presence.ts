import type { Actor, Role } from '../control/actor'
import type { Clock } from '../live/run'

/** Somebody who is here, over all screens of theirs. */
export interface Person {
  name: string
  role: Role
  screens: number
  /** What they look at: paths of the page. */
  places: string[]
}

/** The lease on editing the routing. It tells, and does not bar: base revisions keep edits apart. */
export interface Lease {
  name: string
  /** Of the screen that edits. */
  session: number
  /** Until it expires, when this was sent [s]. */
  left: number
}

export interface Presence {
  /** In the order in which they came, so many at most; how many more there are. */
  people: Person[]
  more: number
  editing: Lease | null
}

export interface Edit {
  /** Begins to edit, or goes on; or ends. */
  on: boolean
  /** Takes the lease from who holds it. */
  take?: boolean
}

/** Who is here, what they look at, and who edits. */
export interface Attendance {
  enter(session: number, actor: Actor): void
  leave(session: number): void
  look(session: number, place: string): void
  /** Asks for the lease, renews it or gives it back; what then holds. */
  edit(session: number, edit: Edit): { mine: boolean; editing: Lease | null }
  view(): Presence
  close(): void
}

export interface AttendancePorts {
  clock: Clock
  /** Somebody came or left, looks elsewhere, or the lease has another holder. */
  tell: (presence: Presence) => void
}

/** Without another edit it ends so long after the last [ms]. */
export const leaseMs = 5 * 60_000
/** Changes within this time are told together [ms]. */
const gatherMs = 100
const mostPeople = 50

export function createAttendance({ clock, tell }: AttendancePorts): Attendance {
  const present = new Map<number, { actor: Actor; place: string | null }>()
  let lease: { session: number; until: number } | null = null
  let told = fingerprint(view())
  let stopTelling: (() => void) | null = null
  let stopExpiry = () => {}
  let closed = false

  return { enter, leave, look, edit, view, close }

  function enter(session: number, actor: Actor): void {
    present.set(session, { actor, place: null })
    changed()
  }

  function leave(session: number): void {
    present.delete(session)
    if (lease?.session === session) grant(null)
    changed()
  }

  function look(session: number, place: string): void {
    const visitor = present.get(session)
    if (visitor) visitor.place = place
    changed()
  }

  function edit(session: number, { on, take }: Edit): { mine: boolean; editing: Lease | null } {
    const mine = lease?.session === session
    if (!on) {
      if (mine) grant(null)
    } else if (present.has(session) && (mine || take || holder() === null)) grant(session)
    changed()
    return { mine: lease?.session === session, editing: holder() }
  }

  function grant(session: number | null): void {
    stopExpiry()
    lease = session === null ? null : { session, until: clock.now() + leaseMs }
    if (lease) stopExpiry = clock.after(leaseMs, expire)
  }

  function expire(): void {
    lease = null
    changed()
  }

  function holder(): Lease | null {
    const visitor = lease && present.get(lease.session)
    if (!lease || !visitor || clock.now() >= lease.until) return null
    return { name: visitor.actor.name, session: lease.session, left: (lease.until - clock.now()) / 1000 }
  }

  function view(): Presence {
    const people = new Map<string, Person>()
    for (const { actor, place } of present.values()) {
      const known = people.get(actor.name) ?? { ...actor, screens: 0, places: [] }
      const places = place === null || known.places.includes(place) ? known.places : [...known.places, place]
      people.set(actor.name, { ...known, screens: known.screens + 1, places })
    }
    const shown = [...people.values()].slice(0, mostPeople)
    return { people: shown, more: people.size - shown.length, editing: holder() }
  }

  function changed(): void {
    if (closed) return
    stopTelling ??= clock.after(gatherMs, () => {
      stopTelling = null
      const presence = view()
      const now = fingerprint(presence)
      if (now === told) return
      told = now
      tell(presence)
    })
  }

  function close(): void {
    closed = true
    stopTelling?.()
    stopExpiry()
  }
}

/** What is worth telling: a lease that is renewed is known to be by its holder. */
function fingerprint({ people, more, editing }: Presence): string {
  return JSON.stringify([people, more, editing?.session])
}
