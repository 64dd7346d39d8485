import type { IncomingMessage } from 'node:http'
import type { Access } from '../access/access'
import type { Refusal } from '../protocol'
import { refuse } from '../refusal'

const loopbackNames = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::(\d{1,5}))?$/i
const anyName = /^(?:[a-z0-9_.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i

/**
 * Whether a request was meant for this server: its host is a loopback name with the port it came in on. A page of
 * another site whose name was bound to this address (DNS rebinding) names that site instead. Where tokens are needed any name
 * will do: that page has none, for a browser keeps the cookie by name.
 */
export function checkHost(request: IncomingMessage, access: Pick<Access, 'open'>): Refusal | null {
  const { host } = request.headers
  if (!access.open()) return anyName.test(host ?? '') ? null : refuse('host', host, 'a name or address, and a port')
  const [, , port = '80'] = loopbackNames.exec(host ?? '') ?? [null, null, '']
  if (Number(port) === request.socket.localPort && port !== '') return null
  return refuse('host', host, `a loopback name and port, such as 127.0.0.1:${request.socket.localPort}`)
}

/** Whether a request comes from the page of this server, or from no page at all. Asked after `checkHost`. */
export function checkOrigin(request: IncomingMessage): Refusal | null {
  const { origin, host } = request.headers
  const site = request.headers['sec-fetch-site']
  // what puts TLS in front of the server keeps the name
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`)
    return refuse('origin', origin, `http://${host}, or none`)
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return refuse('sec-fetch-site', site, 'same-origin or none')
  }
  return null
}
