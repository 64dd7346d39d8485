import type { Socket } from 'socket.io-client'
import type { ClientEvents, ServerEvents } from '../../server/protocol'

/** Says to the server what frames are here, as the page does: who does not is left out. */
export function acknowledgeFrames(socket: Socket<ServerEvents, ClientEvents>): void {
  let received = 0
  socket.on('frame', ({ sequence }) => {
    if (++received % 4 === 0) socket.emit('seen', { sequence })
  })
}
