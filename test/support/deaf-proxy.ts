import { createConnection, createServer, type Socket } from 'node:net'

/** A way to a server on which what it says can be lost, and the connection with it. */
export interface DeafProxy {
  url: string
  /** From now on nothing of what the server says comes through, on the connections that there are. */
  swallow(): void
  /** Ends them; new ones come through. */
  cut(): void
  close(): Promise<void>
}

/** On the port of the server, as it takes no other name, at another address of loopback. */
export async function openDeafProxy(port: number): Promise<DeafProxy> {
  const pairs = new Set<{ near: Socket; far: Socket }>()
  const server = createServer(near => {
    const far = createConnection({ port, host: '127.0.0.1' })
    const pair = { near, far }
    pairs.add(pair)
    near.pipe(far)
    far.pipe(near)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const)
      socket
        .on('error', () => {})
        .on('close', () => {
          other.destroy()
          pairs.delete(pair)
        })
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.2', resolve))
  return {
    url: `http://127.0.0.2:${port}`,
    swallow: () => {
      for (const { near, far } of pairs) far.unpipe(near).resume()
    },
    cut,
    close: async () => {
      const closed = new Promise(resolve => server.close(resolve))
      cut()
      await closed
    },
  }

  function cut(): void {
    for (const { near } of pairs) near.destroy()
  }
}
