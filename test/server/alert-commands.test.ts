import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlertsView, Command, CommandAnswer, ObjectivesView } from '../../server/protocol'
import { connect, next, startTestServer, until, type TestServer } from '../support/server'

let server: TestServer
beforeAll(async () => void (server = await startTestServer({ speed: 8 })), 120_000)
afterAll(() => server.stop())

async function post(command: object): Promise<CommandAnswer> {
  const response = await fetch(`${server.url}/api/v1/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(command),
  })
  return response.json()
}

async function ask<Answer>(path: string): Promise<Answer> {
  return (await fetch(`${server.url}${path}`)).json()
}

test('a rule fires, is acknowledged and silenced by socket and by REST alike, told at once and written down', async () => {
  const { socket, hello } = await connect(server.url)
  const send = (command: Command) => socket.timeout(60_000).emitWithAck('command', command)
  expect(hello.alerts.rules.map(({ rule }) => rule)).toContain('saturation')
  expect(hello.objectives.objectives.map(({ workload }) => workload)).toEqual(['chat', 'code'])

  const fires = next(socket, 'alerts', ({ alerts }) =>
    alerts.some(({ rule, state }) => rule === 'any traffic' && state === 'firing'),
  )
  const rule = { kind: 'alert-rule', rule: 'any traffic', metric: 'arrived', workload: 'chat', above: 0 } as const
  expect(await post({ ...rule, dryRun: true })).toMatchObject({
    ok: true,
    dryRun: true,
    summary: expect.stringContaining('any traffic'),
  })
  expect(await send({ ...rule, for: 0, severity: 'warning' })).toMatchObject({ ok: true })
  await fires
  const id = 'any traffic/chat'

  const seen = next(socket, 'alerts', ({ alerts }) => alerts.some(each => each.id === id && each.acknowledged !== null))
  expect(await send({ kind: 'acknowledge', alert: id, reason: 'looking' })).toMatchObject({ ok: true })
  expect((await seen).alerts.find(each => each.id === id)?.acknowledged).toMatchObject({
    by: 'local',
    reason: 'looking',
  })

  const hushed = next(socket, 'alerts', ({ alerts }) =>
    alerts.some(each => each.id === id && each.silencedBy === 'hush'),
  )
  expect(
    await post({ kind: 'silence', id: 'hush', matcher: { rule: 'any traffic' }, duration: 86_400, reason: 'a test' }),
  ).toMatchObject({ ok: true, id: 'hush' })
  await hushed
  const known = await ask<AlertsView>('/api/v1/alerts')
  expect(known.silences).toMatchObject([{ id: 'hush', by: 'local', reason: 'a test' }])
  expect(known.rules.find(each => each.rule === 'any traffic')?.origin).toBe('added')

  expect(await post({ kind: 'unsilence', silence: 'hush' })).toMatchObject({ ok: true })
  expect(await post({ kind: 'remove-rule', rule: 'any traffic' })).toMatchObject({ ok: true })
  await until(async () => (await ask<AlertsView>('/api/v1/alerts')).past.some(each => each.id === id))
  expect(await ask('/api/v1/alerts')).toMatchObject({ silences: [], past: [{ id, how: 'rule changed' }] })

  const { entries } = await ask<{ entries: { kind: string; summary: string; reason: string | null }[] }>(
    '/api/v1/changes',
  )
  expect(entries.map(({ kind }) => kind)).toEqual(['remove-rule', 'unsilence', 'silence', 'acknowledge', 'alert-rule'])
  expect(entries[2]).toMatchObject({ summary: 'silence any traffic for 24 h', reason: 'a test' })
  socket.disconnect()
})

test('an objective is set by command, and burn rates are there for a scraper', async () => {
  const answer = await post({ kind: 'objective', workload: 'chat', target: 0.5, period: 3600 })
  expect(answer).toMatchObject({ ok: true })
  await until(async () => {
    const { objectives } = await ask<ObjectivesView>('/api/v1/objectives')
    return objectives.some(({ workload, target, period }) => workload === 'chat' && target === 0.5 && period === 3600)
  })
  const text = await (await fetch(`${server.url}/metrics`)).text()
  expect(text).toMatch(/^headgate_error_budget_left_ratio\{workload="chat"\} [\d.-]+$/m)
  expect(text).toMatch(/^headgate_burn_ratio\{workload="chat",window="[\d.]+"\} [\d.]+$/m)
  expect(text).toMatch(/^headgate_firing_alerts\{severity="critical"\} \d+$/m)
})

test.each([
  [{ kind: 'acknowledge', alert: 'saturation/ghost' }, 'alert'],
  [{ kind: 'silence', matcher: {}, duration: 60, reason: 'x' }, 'matcher'],
  [{ kind: 'silence', matcher: { rule: 'saturation' }, duration: 60 }, 'reason'],
  [{ kind: 'silence', matcher: { pool: 'ghost' }, duration: 60, reason: 'x' }, 'matcher.pool'],
  [{ kind: 'objective', workload: 'chat', target: 1 }, 'target'],
  [{ kind: 'objective', workload: 'ghost', target: 0.9 }, 'workload'],
  [{ kind: 'alert-rule', rule: 'x', metric: 'ghost', above: 1 }, 'metric'],
  [{ kind: 'alert-rule', rule: 'x', metric: 'power', above: 1, below: 1 }, 'above'],
  [{ kind: 'remove-rule', rule: 'ghost' }, 'rule'],
  [{ kind: 'unsilence', silence: 'ghost' }, 'silence'],
])('a refusal names the field: %o', async (command, field) => {
  expect(await post(command)).toMatchObject({ ok: false, error: { field } })
})
