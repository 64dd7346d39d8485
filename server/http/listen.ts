import type { Server } from 'node:http'

/** Listens, and gives the address in a form that can be opened. Fails where the port is taken. */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error(`no address after listening on ${host}:${port}`)
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}
