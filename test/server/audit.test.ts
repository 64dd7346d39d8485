import request from 'supertest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuditEntry } from '../../server/protocol'
import { fleetOutlook } from '../../simulation/index'
import { connect, next, startTestServer, type TestServer } from '../support/server'

let server: TestServer
let entries: AuditEntry[]
beforeAll(async () => {
  server = await startTestServer()
  const { socket } = await connect(server.url)
  const heard = next(socket, 'entry', entry => entry.kind === 'roll-back')
  const { body } = await request(server.url).get('/api/v1/routing')
  const [first, second, ...rest] = body.routing.chat
  const moved = [{ ...first, share: first.share - 0.05 }, { ...second, share: second.share + 0.05 }, ...rest]
  await send({ kind: 'routing', baseRevision: 1, routing: { chat: moved }, reason: '=1+1, "quoted"' }).expect(200)
  await send({ kind: 'drain', pool: 'b200-chat', replica: 0 }).expect(200)
  await send({ kind: 'roll-back', to: 1 }).expect(200)
  await send({ kind: 'routing', baseRevision: 1, routing: { chat: moved } }).expect(409)
  entries = (await list('')).entries
  // whoever looks is told at once
  expect(await heard).toEqual(entries[0])
  socket.disconnect()
})
afterAll(() => server.stop())

const send = (command: object) => request(server.url).post('/api/v1/commands').send(command)
const list = async (query: string) => (await request(server.url).get(`/api/v1/changes?${query}`).expect(200)).body

test('every command that was carried out is listed, newest first, and no refused one', () => {
  expect(entries.map(({ kind, by, role, revision }) => [kind, by, role, revision])).toEqual([
    ['roll-back', 'local', 'admin', 3],
    ['drain', 'local', 'admin', 2],
    ['routing', 'local', 'admin', 2],
  ])
  const [back, drained, moved] = entries
  expect(drained?.summary).toBe('drain b200-chat, replica 0')
  expect(moved?.routes).toHaveLength(2)
  // a roll back does the same the other way round
  expect(back?.routes.map(({ from, to }) => [to, from])).toEqual(moved?.routes.map(({ from, to }) => [from, to]))
})

test('a list is narrowed and read page by page', async () => {
  expect((await list('kind=drain')).entries).toEqual([entries[1]])
  expect((await list('text=QUOTED')).entries).toEqual([entries[2]])
  expect((await list('workload=chat')).entries).toEqual([entries[0], entries[2]])
  expect((await list('revision=2')).entries).toEqual([entries[2]])
  expect((await list('by=nobody')).entries).toEqual([])
  const page = await list('limit=2')
  expect(page).toEqual({ entries: entries.slice(0, 2), before: entries[1]?.number })
  expect(await list(`limit=2&before=${page.before}`)).toEqual({ entries: entries.slice(2), before: null })
})

test.each([
  ['limit=0', 'limit', '1 or more'],
  ['limit=many', 'limit', 'a number'],
  ['before=-1', 'before', '1 or more'],
  [
    'kind=wish',
    'kind',
    'one of routing, roll-back, mirror, pace, fault, clear, drain, stop, resume, reprovision, approve, decline, approval-limit, ramp, cancel, continue, approve-step, objective, alert-rule, remove-rule, acknowledge, silence, unsilence, hold, finish',
  ],
  ['colour=red', 'colour', 'no such field'],
])('a list of %s is refused', async (query, field, expected) => {
  const { body } = await request(server.url).get(`/api/v1/changes?${query}`).expect(400)
  expect(body.error).toMatchObject({ field, expected })
})

test('all of it comes as a table, without formulas, and as JSON lines', async () => {
  const csv = await request(server.url).get('/api/v1/changes.csv').expect(200)
  expect(csv.headers['content-disposition']).toBe('attachment; filename=headgate-changes.csv')
  const rows = csv.text.split('\r\n')
  expect(rows[0]).toBe(
    'number,at,time,by,role,via,automatic,of,kind,revision,reason,summary,id,sharesBefore,sharesAfter,workload,' +
      ['workloadTtftP95', ...fleetOutlook]
        .map(name => ['Predicted', 'Low', 'High', 'Actual'].map(part => name + part).join(','))
        .join(',') +
      ',scoredSeconds,figuresScored,figuresInside,notScored,' +
      'ttftP95Before,ttftP95After,costPerMtokBefore,costPerMtokAfter,energyPerTokenBefore,energyPerTokenAfter,powerBefore,powerAfter',
  )
  expect(rows).toHaveLength(entries.length + 2)
  expect(rows[1]).toContain(`,"'=1+1, ""quoted""",`)
  const shares = (side: 'from' | 'to') =>
    entries[2]?.routes.map(route => `${route.workload} ${route.decode} ${route[side]}`).join('; ')
  expect(rows[1]).toContain(`,${shares('from')},${shares('to')},`)
  const lines = await request(server.url).get('/api/v1/changes.ndjson?kind=drain').buffer(true).expect(200)
  expect(
    String(lines.text)
      .trim()
      .split('\n')
      .map(line => JSON.parse(line)),
  ).toEqual([entries[1]])
  await request(server.url).get('/api/v1/changes.csv?limit=3').expect(400)
})
