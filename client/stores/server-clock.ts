/** What the clock of the server says, from round trips as NTP takes them; what the clock of this machine says does no harm. Pure. */

/** A question for the time, by a clock of this page that only runs [ms]; and the answer, by that of the server [ms since 1970]. */
export interface RoundTrip {
  sent: number
  got: number
  now: number
}

export interface ServerClock {
  hear(trip: RoundTrip): void
  /** When something happened by the clock of this page [ms]; `null` while that of the server is not known. */
  local(time: number): number | null
  forget(): void
}

/** The quickest of so many round trips is believed: its answer was on its way for the shortest time. */
const kept = 8

export function createServerClock(): ServerClock {
  let trips: RoundTrip[] = []
  let offset: number | null = null
  return {
    hear: trip => {
      trips = [...trips, trip].slice(-kept)
      const quickest = trips.reduce((best, next) => (next.got - next.sent < best.got - best.sent ? next : best))
      offset = quickest.now - (quickest.sent + quickest.got) / 2
    },
    local: time => (offset === null ? null : time - offset),
    forget: () => {
      trips = []
      offset = null
    },
  }
}
