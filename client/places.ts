/** Where one can go: the one list of places that the router, the top bar, the palette and presence read. */
export interface Place {
  name: 'live' | 'route' | 'changes' | 'alerts'
  path: string
  title: string
  /** Its shortcut. */
  keys: string
}

export const places: readonly Place[] = [
  { name: 'live', path: '/', title: 'Live', keys: 'g l' },
  { name: 'route', path: '/route', title: 'Route', keys: 'g r' },
  { name: 'changes', path: '/changes', title: 'Changes', keys: 'g c' },
  { name: 'alerts', path: '/alerts', title: 'Alerts', keys: 'g a' },
]
