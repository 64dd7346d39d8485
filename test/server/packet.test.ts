import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { Server } from 'socket.io'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Client } from '../../server/sockets/live'
import { packetOf, parcelOf, post } from '../../server/sockets/packet'
import { openBare, type BareClient } from '../support/bare-client'
import { until } from '../support/server'

let server: Server
let client: BareClient
let socket: Client
let texts: string[]
beforeEach(async () => {
  const http = createServer()
  server = new Server(http, { transports: ['websocket'], perMessageDeflate: false })
  await once(http.listen(0, '127.0.0.1'), 'listening')
  texts = []
  const connected = once(server, 'connection')
  client = openBare({
    port: (http.address() as AddressInfo).port,
    hear: packet => {
      if (packet.toString('latin1', 0, 5) === '42["n') texts.push(packet.toString())
    },
  })
  socket = (await connected)[0]
})
afterEach(async () => {
  client.leave()
  await server.close()
})

test('a client reads packets of any length, one by one and in one write', async () => {
  // around both places where the head gets longer; each with a letter of two bytes
  const lengths = [0, 1, 108, 109, 110, 111, 112, 113, 114, 115, 116, 65_515, 65_520, 65_524, 65_525, 65_530, 200_000]
  const packets = lengths.map(length => packetOf('n', 'x'.repeat(length) + 'ü', 1))
  for (const packet of packets) {
    post(parcelOf([packet]), socket.conn)
    await until(() => socket.conn.transport.writable)
  }
  post(parcelOf(packets), socket.conn)
  await until(() => texts.length === 2 * packets.length)
  const sent = lengths.map(length => `42["n","${'x'.repeat(length)}ü",1]`)
  expect(texts).toEqual([...sent, ...sent])
})

test('what is posted and what is emitted comes in that order and whole, also to a client that reads nothing for a while', async () => {
  const ballast = 'x'.repeat(20_000)
  let number = 0
  const next = () => packetOf('n', number++, ballast)
  for (let round = 0; round < 120; round++) {
    if (round === 20) client.freeze()
    post(parcelOf([next()]), socket.conn)
    server.emit('n', number++)
    post(parcelOf([next(), next()]), socket.conn)
    server.emit('n', number++, ballast)
    post(parcelOf([next(), next()]), socket.conn)
    if (round % 3 > 0) await turn()
  }
  expect(socket.conn.transport.writable).toBe(false)
  client.thaw()
  await until(() => texts.length === number)
  expect(texts.map(text => Number(/\d+/.exec(text.slice(2))?.[0]))).toEqual(texts.map((_, index) => index))
})
