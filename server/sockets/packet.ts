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

/** Packets that go to many clients together, and the same as one that is written at once. */
export interface Parcel {
  packets: readonly Packet[]
  joined: Packet
}

export function parcelOf(packets: readonly Packet[]): Parcel {
  const [first, ...rest] = packets
  if (!first) throw new Error('a parcel needs a packet')
  const frames = packets.flatMap(({ options }) => options.wsPreEncodedFrame)
  const options: Packet['options'] = { compress: false, wsPreEncodedFrame: [Buffer.concat(frames)] }
  return { packets, joined: rest.length === 0 ? first : { type: 'message', data: '', options } }
}

/**
 * A parcel to a client, in one write. Nothing waits in the queue of its connection while its transport can be written to: then it goes
 * past it and its events, of which there are six for each packet.
 */
export function post({ packets, joined }: Parcel, connection: Connection): void {
  const { transport, readyState } = connection
  if (readyState === 'open' && transport.writable) transport.send([joined])
  else for (const { data } of packets) connection.write(data)
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
