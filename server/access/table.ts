/** Who may do what, in one place: a route, an event or a command that has no row here is not to be had. */
import { roles, type Role } from '../control/actor'
import type { ClientEvents, Command, Refusal } from '../protocol'
import { refuse } from '../refusal'

/** The least role; `anyone` needs no token. */
export type Least = Role | 'anyone'

export const routeRoles: Readonly<Record<string, Least>> = {
  // the page, which holds nothing of the run
  'get /': 'anyone',
  'get /route': 'anyone',
  'get /changes': 'anyone',
  'get /alerts': 'anyone',

  'get /healthz': 'anyone',
  'get /readyz': 'anyone',
  'get /metrics': 'viewer',

  'get /api': 'anyone',
  'get /api/openapi.json': 'anyone',
  'get /api/style.css': 'anyone',

  'get /api/v1/session': 'anyone',
  'post /api/v1/session': 'anyone',
  'delete /api/v1/session': 'anyone',

  'get /api/v1/fleet': 'viewer',
  'get /api/v1/frames/{time}': 'viewer',
  'get /api/v1/history': 'viewer',
  'get /api/v1/changes': 'viewer',
  'get /api/v1/changes.csv': 'viewer',
  'get /api/v1/changes.ndjson': 'viewer',
  'get /api/v1/alerts': 'viewer',
  'get /api/v1/objectives': 'viewer',
  'get /api/v1/approvals': 'viewer',
  'get /api/v1/pools/{pool}': 'viewer',
  'get /api/v1/presence': 'viewer',
  'get /api/v1/ramp': 'viewer',
  'get /api/v1/routing': 'viewer',
  'get /api/v1/routing/{revision}': 'viewer',
  'put /api/v1/routing': 'operator',
  'post /api/v1/commands': 'operator',
  'post /api/v1/preview': 'operator',

  'get /api/v1/tokens': 'admin',
  'post /api/v1/tokens': 'admin',
  'delete /api/v1/tokens/{name}': 'admin',
}

export const eventRoles: Readonly<Record<keyof ClientEvents, Role>> = {
  frames: 'viewer',
  seen: 'viewer',
  watch: 'viewer',
  detail: 'viewer',
  range: 'viewer',
  moment: 'viewer',
  look: 'viewer',
  edit: 'operator',
  command: 'operator',
  preview: 'operator',
  tokens: 'admin',
  'add-token': 'admin',
  'revoke-token': 'admin',
}

/** Beside that of the event or route by which it comes. */
export const commandRoles: Readonly<Record<Command['kind'], Role>> = {
  routing: 'operator',
  'roll-back': 'operator',
  mirror: 'operator',
  pace: 'operator',
  fault: 'operator',
  clear: 'operator',
  drain: 'operator',
  stop: 'operator',
  resume: 'operator',
  reprovision: 'operator',
  approve: 'approver',
  // an operator only what is his own
  decline: 'operator',
  'approval-limit': 'admin',
  ramp: 'operator',
  cancel: 'operator',
  continue: 'operator',
  'approve-step': 'approver',
  objective: 'operator',
  'alert-rule': 'operator',
  'remove-rule': 'operator',
  acknowledge: 'operator',
  silence: 'operator',
  unsilence: 'operator',
}

/** The least role of a route, its parameters in braces; fails where it has no row. */
export function roleOfRoute(method: string, path: string): Least {
  const least = Object.hasOwn(routeRoles, `${method} ${path}`) ? routeRoles[`${method} ${path}`] : undefined
  if (least === undefined) throw new Error(`${method} ${path} has no row in the table of roles`)
  return least
}

/** The least role of an event; `null` where it has no row. */
export function roleOfEvent(event: string): Role | null {
  return isListed(event) ? eventRoles[event] : null
}

function isListed(event: string): event is keyof ClientEvents {
  return Object.hasOwn(eventRoles, event)
}

/** Why a role is too little, if it is. */
export function checkRole(role: Role, least: Least): Refusal | null {
  if (least === 'anyone' || roles.indexOf(role) >= roles.indexOf(least)) return null
  const enough = roles.slice(roles.indexOf(least))
  const last = enough.at(-1)
  return refuse('role', role, enough.length === 1 ? `${last}` : `${enough.slice(0, -1).join(', ')} or ${last}`)
}
