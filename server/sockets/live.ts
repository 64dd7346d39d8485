import type { DefaultEventsMap, Server } from 'socket.io'
import type { Session } from '../access/access'
import type { ClientEvents, ServerEvents } from '../protocol'

export type Live = Server<ClientEvents, ServerEvents, DefaultEventsMap, { session: Session; number: number }>
export type Client = Parameters<Parameters<Live['on']>[1]>[0]

/** The room of all who have been greeted. */
export const everyone = 'live'
