/** A wire between a browser and a server that can be cut. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface Wire {
  url: string
  /** Ends every connection and lets none through. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

/** Leads to a port of 127.0.0.1 from the same port of 127.0.0.2: a server without tokens knows its own port alone. */
export async function layWire(port: number): Promise<Wire> {
  const ends = new Set<Socket>()
  let whole = true
  const server = createServer(near => {
    if (!whole) return void near.destroy()
    const far = connect(port, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        ends.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  }).listen(port, '127.0.0.2')
  await once(server, 'listening')
  const sever = () => ends.forEach(end => end.destroy())
  return {
    url: `http://127.0.0.2:${port}`,
    cut: () => {
      whole = false
      sever()
    },
    mend: () => {
      whole = true
    },
    close: async () => {
      sever()
      server.close()
      await once(server, 'close')
    },
  }
}
