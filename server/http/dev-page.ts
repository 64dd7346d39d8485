import { realpathSync } from 'node:fs'
import type { Server } from 'node:http'
import type { RequestHandler } from 'express'
import { root } from '../place'

/** The page from its sources, with hot reload over the server's own port. */
export async function devPage(server: Server): Promise<{ handle: RequestHandler; close: () => Promise<void> }> {
  const { createServer } = await import('vite')
  const vite = await createServer({
    configFile: `${root}/vite.config.ts`,
    root: `${root}/client`,
    appType: 'spa',
    clearScreen: false,
    server: {
      middlewareMode: true,
      // socket.io has the path /socket.io/ of the same server
      hmr: { server },
      // it asks for no token: the folder of the runs, with journals and hashes of tokens, lies beside these
      fs: { allow: [`${root}/client`, `${root}/simulation`, realpathSync(`${root}/node_modules`)] },
    },
  })
  return { handle: vite.middlewares, close: () => vite.close() }
}
