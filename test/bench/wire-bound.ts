/**
 * A process of its own: the least that sending frames can cost. `ws` is the bound, raw ws with a pre-built frame: a list framed once
 * goes to each client through the sender of ws, as socket.io hands it one; whoever sends with ws pays for that much. `tcp` is told
 * beside: the same bytes past ws to the bare connection.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'

export type Way = 'ws' | 'tcp'
export interface BoundTask {
  way: Way
  /** Packet that is sent, four times a second. */
  packet: string
}

/** What the types of ws leave out. */
interface WithSender {
  _sender: { sendFrame(list: Buffer[]): void }
}

const frameMs = 250

if (process.send) process.once('message', (task: BoundTask) => serve(task))

function serve({ way, packet }: BoundTask): void {
  const list = build(packet)
  const bytes = Buffer.concat(list)
  const clients = new Map<Duplex, WebSocket & WithSender>()
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const http = createServer()
  http.on('upgrade', (request, socket, head) => {
    server.handleUpgrade(request, socket, head, client => {
      clients.set(socket, client as WebSocket & WithSender)
      socket.on('close', () => clients.delete(socket))
    })
  })
  const send = {
    ws: () => clients.forEach(client => client._sender.sendFrame(list)),
    tcp: () => clients.forEach((_, socket) => socket.write(bytes)),
  }
  setInterval(send[way], frameMs)
  http.listen(0, '127.0.0.1', () => process.send?.((http.address() as AddressInfo).port))
}

/** A whole text frame, its head and its text. */
function build(packet: string): Buffer[] {
  const text = Buffer.from(packet)
  const head = Buffer.from([0x81, 126, 0, 0])
  head.writeUInt16BE(text.length, 2)
  return [head, text]
}
