/** From looking only to everything; each may do what those before it may. */
export const roles = ['viewer', 'operator', 'approver', 'admin'] as const
export type Role = (typeof roles)[number]

/** Who acts: as a session knows it, never as a body says. */
export interface Actor {
  name: string
  role: Role
}

/** An actor and the way by which the command came: "rest 127.0.0.1". */
export interface Sender {
  actor: Actor
  via: string
}

/** Whoever reaches a server that listens on this machine alone. */
export const localAdmin: Actor = { name: 'local', role: 'admin' }

/** Who acts where nobody does: what a ramp does by itself, and its guards. */
export const ownNames = ['ramp', 'guard'] as const
