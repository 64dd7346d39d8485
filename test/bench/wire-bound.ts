/** A process of its own: the least that sending frames can cost, a pre-built one to every client of a bare ws server. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'

export interface BoundTask {
  /** Packet that is sent, four times a second. */
  packet: string
}

const frameMs = 250

if (process.send) process.once('message', (task: BoundTask) => serve(task))

function serve({ packet }: BoundTask): void {
  const frame = build(packet)
  const sockets = new Set<Duplex>()
  const clients = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const http = createServer()
  http.on('upgrade', (request, socket, head) => {
    clients.handleUpgrade(request, socket, head, () => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
  })
  setInterval(() => sockets.forEach(socket => socket.write(frame)), frameMs)
  http.listen(0, '127.0.0.1', () => process.send?.((http.address() as AddressInfo).port))
}

/** A whole text frame, its head and all. */
function build(packet: string): Buffer {
  const text = Buffer.from(packet)
  const head = Buffer.from([0x81, 126, 0, 0])
  head.writeUInt16BE(text.length, 2)
  return Buffer.concat([head, text])
}
