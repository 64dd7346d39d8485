import { createConnection, type Socket } from 'node:net'

/** A client of the wire without a library: it reads no JSON, can stop reading, and may come from any address of loopback. */
export interface BareClient {
  send(packet: string): void
  /** Reads nothing from now on; and again. */
  freeze(): void
  thaw(): void
  closed(): boolean
  leave(): void
}

export interface BarePlan {
  port: number
  /** Address it comes from. */
  from?: string
  /** Whether it says what frames it has; true unless said otherwise. */
  says?: boolean
  /** A packet of engine.io that came: its text, of which a frame is the longest. */
  hear?: (packet: Buffer) => void
  frame?: (sequence: number, taken: number) => void
  greeted?: () => void
  ended?: () => void
}

const period = 4

export function openBare({ port, from, says = true, hear, frame, greeted, ended }: BarePlan): BareClient {
  const socket = createConnection({ port, host: '127.0.0.1', localAddress: from }).on('error', () => {})
  let received = 0
  const take = createReader(packet => {
    hear?.(packet)
    if (packet[0] === 0x32) return void send(packet.length === 1 ? '3' : '')
    if (packet[0] === 0x30) return send('40')
    if (startsWith(packet, '42["hello"')) greeted?.()
    if (!startsWith(packet, '42["frame"')) return
    const sequence = Number(/"sequence":(\d+)/.exec(packet.toString('latin1', 0, 60))?.[1])
    if (says && ++received % period === 0) send(`42["seen",{"sequence":${sequence}}]`)
    frame?.(sequence, Number(/,([\d.]+)\]$/.exec(packet.toString('latin1', packet.length - 40))?.[1]))
  })
  socket.on('data', take)
  socket.on('close', () => ended?.())
  socket.write(upgrade(port))
  return {
    send,
    freeze: () => void socket.pause(),
    thaw: () => void socket.resume(),
    closed: () => socket.destroyed,
    leave: () => void socket.destroy(),
  }

  function send(packet: string): void {
    if (packet && !socket.destroyed) writeText(socket, packet)
  }
}

/** A short text frame under the mask 0. */
function writeText(socket: Socket, text: string): void {
  if (text.length > 125) throw new Error(`a packet of ${text.length} characters, expected at most 125`)
  socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]))
}

function upgrade(port: number): string {
  return [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '\r\n',
  ].join('\r\n')
}

/** Cuts a stream into the texts of whole WebSocket frames, after the head of the answer to the upgrade. */
function createReader(take: (text: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  let open = false
  return chunk => {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    if (!open) {
      const end = rest.indexOf('\r\n\r\n')
      if (end < 0) return
      open = true
      rest = rest.subarray(end + 4)
    }
    for (;;) {
      const [head, length] = sizeOf(rest)
      if (rest.length < head + length) return
      const text = rest.subarray(head, head + length)
      rest = rest.subarray(head + length)
      take(text)
    }
  }
}

/** Bytes of the head and of the text of the frame that begins here; the second is endless while the head is not there. */
function sizeOf(bytes: Buffer): [number, number] {
  const short = (bytes[1] ?? 0) & 127
  if (bytes.length < 2) return [2, Infinity]
  if (short < 126) return [2, short]
  if (short === 126) return bytes.length < 4 ? [4, Infinity] : [4, bytes.readUInt16BE(2)]
  return bytes.length < 10 ? [10, Infinity] : [10, Number(bytes.readBigUInt64BE(2))]
}

function startsWith(packet: Buffer, text: string): boolean {
  return packet.length >= text.length && packet.toString('latin1', 0, text.length) === text
}
