import type { Client } from './live'

export type Connection = Client['conn']

/** A packet for many clients, encoded once. */
export interface Packet {
  type: 'message'
  data: string
  /** The WebSocket frame as it goes over the wire, head and all: engine.io writes it as it is, as it does for a broadcast of socket.io. */
  options: { compress: false; wsPreEncodedFrame: [Buffer] }
}

/** An event as socket.io sends it in the namespace `/`; nothing in it may be binary. */
export function packetOf(event: string, ...values: unknown[]): Packet {
  const data = `2${JSON.stringify([event, ...values])}`
  return { type: 'message', data, options: { compress: false, wsPreEncodedFrame: [textFrame(`4${data}`)] } }
}

/**
 * Packets to a client, in one write. Nothing waits in the queue of its connection while its transport can be written to: then they go
 * past it and its events, of which there are six for each packet.
 */
export function post(packets: readonly Packet[], connection: Connection): void {
  const { transport, readyState, request } = connection
  if (readyState !== 'open' || !transport.writable) {
    for (const { data } of packets) connection.write(data)
  } else if (packets.length === 1) transport.send([...packets])
  else {
    request.socket.cork()
    transport.send([...packets])
    request.socket.uncork()
  }
}

/** RFC 6455, 5.2: final, text, no mask. */
function textFrame(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([headOf(bytes.length), bytes])
}

function headOf(length: number): Buffer {
  if (length < 126) return Buffer.from([0x81, length])
  const head = Buffer.alloc(length < 65_536 ? 4 : 10)
  head[0] = 0x81
  head[1] = length < 65_536 ? 126 : 127
  if (length < 65_536) head.writeUInt16BE(length, 2)
  else head.writeBigUInt64BE(BigInt(length), 2)
  return head
}
