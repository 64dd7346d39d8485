import { spawnSync } from 'node:child_process'
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import request from 'supertest'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createWatch } from '../../server/alerts/watch'
import type { Entry } from '../../server/journal/entry'
import { openHorizon } from '../../server/journal/horizon'
import { continueJournal, createJournal, readJournal } from '../../server/journal/journal'
import { encodeRecord, readRecords } from '../../server/journal/record'
import { createSnapshots } from '../../server/journal/snapshots'
import { createGate } from '../../server/live/gate'
import type { Frame, Route } from '../../simulation/index'
import { buildFleet, buildFrame } from '../support/frames'
import { journalOf, runFolder } from '../support/journal'
import { buildServer, freePort, startMortal } from '../support/mortal-server'
import { connect, next, smallFleet, startTestServer, until, type TestServer } from '../support/server'

let data: string
beforeAll(buildServer, 120_000)
beforeEach(async () => void (data = await mkdtemp(join(tmpdir(), 'headgate-durable-'))))
afterEach(() => rm(data, { recursive: true, force: true }))

const start = (seed = 1, fresh = false) => startTestServer({ seed, speed: 4, plan: { data, fresh } })
const send = (server: { url: string }, command: object) => request(server.url).post('/api/v1/commands').send(command)
const health = async (server: { url: string }) => (await request(server.url).get('/healthz').expect(200)).body
const routing = async (server: { url: string }) => (await request(server.url).get('/api/v1/routing').expect(200)).body
const to = (pool: string): Route => ({ prefill: pool, decode: pool, share: 1 })

async function framesOf(server: TestServer): Promise<Frame[]> {
  const { socket } = await connect(server.url)
  const answer = await socket.emitWithAck('frames', { since: 0 })
  socket.disconnect()
  return answer.ok ? answer.frames : []
}

test('a run goes on where it was: the same frames, revisions, answers and pace, and no frame twice', async () => {
  const first = await start()
  const change = { kind: 'routing', id: 'mine', baseRevision: 1, routing: { chat: [to('b200-chat')] } }
  const { body: answer } = await send(first, change).expect(200)
  await send(first, { kind: 'routing', baseRevision: 2, routing: { code: [to('h100-code')] } }).expect(200)
  await send(first, { kind: 'pace', speed: 20 }).expect(200)
  const { socket, hello } = await connect(first.url)
  const seen = await next(socket, 'frame', frame => frame.time > 310)
  const before = await framesOf(first)
  socket.disconnect()
  await first.stop()

  const second = await start()
  const { hello: again } = await connect(second.url)
  expect(again.run).toEqual(hello.run)
  expect(again.frame?.sequence).toBeGreaterThanOrEqual(seen.sequence)
  expect(again.pace).toMatchObject({ speed: 20, paused: false })
  expect(again.changes.map(({ revision }) => revision)).toEqual([2, 3])
  expect(again.history.time.length).toBeGreaterThan(100)
  // where there was a snapshot, those before it are not computed again
  const after = await framesOf(second)
  const shared = before.filter(({ sequence }) => sequence >= (after[0]?.sequence ?? Infinity))
  expect(shared.length).toBeGreaterThan(0)
  expect(after.slice(0, shared.length)).toEqual(shared)
  expect((await send(second, change).expect(200)).body).toEqual(answer)
  await send(second, { ...change, reason: 'other' }).expect(400)
  expect((await routing(second)).revision).toBe(3)
  await send(second, { kind: 'roll-back', to: 2 }).expect(200)
  expect((await routing(second)).routing.chat).toEqual([to('b200-chat')])
  expect(await health(second)).toMatchObject({ resumed: true, entries: 5, cut: null })
  await second.stop()
})

test('a paused run comes back paused, at the frame at which it was', async () => {
  const first = await start()
  const { body } = await send(first, { kind: 'pace', paused: true }).expect(200)
  await first.stop()
  const second = await start()
  const { hello } = await connect(second.url)
  expect(hello.frame?.time).toBe(body.effectiveAt)
  expect(hello.pace.paused).toBe(true)
  await second.stop()
})

test('a run of another seed or fleet is refused with both, and kept when a fresh one is wished for', async () => {
  await (await start(1)).stop()
  await expect(start(2)).rejects.toThrow(/holds a run of fleet small, seed 1, .*, not a run of fleet small, seed 2,/)
  const fleet = { ...smallFleet(), id: 'other' }
  await expect(startTestServer({ fleet, plan: { data } })).rejects.toThrow(/fleet small, .*, not a run of fleet other,/)
  // a refusal leaves all as it was
  const again = await start(1)
  expect(await health(again)).toMatchObject({ resumed: true, entries: 1 })
  await again.stop()
  const before = await readdir(join(data, 'runs'))
  const server = await start(2, true)
  expect(await health(server)).toMatchObject({ resumed: false, entries: 1 })
  await server.stop()
  expect(await readdir(join(data, 'runs'))).toEqual([...before, expect.any(String)])
})

test('a run of other code is refused as another version', async () => {
  await (await start()).stop()
  const file = join(await runFolder(data), 'journal.ndjson')
  const { entry: _, crc: __, ...run } = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, encodeRecord(0, { ...run, code: 'of last year' }, 0).line)
  await expect(start()).rejects.toThrow(/version ([0-9a-f]{8}), not a run of .*, version (?!\1)[0-9a-f]{8}$/)
})

test('a journal whose first line is corrupt is refused; one that never came to the disk is not missed', async () => {
  const first = await start()
  await send(first, { kind: 'pace', speed: 5 }).expect(200)
  await first.stop()
  const file = join(await runFolder(data), 'journal.ndjson')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('"seed":1', '"seed":2'))
  await expect(start()).rejects.toThrow(/holds a journal whose first line is corrupt, not a run of fleet small, seed 1/)
  await writeFile(file, text.slice(0, 50))
  const server = await start()
  expect(await health(server)).toMatchObject({ resumed: false, entries: 1 })
  await server.stop()
})

test('a folder in use is refused, and free again after the stop', async () => {
  const first = await start()
  await expect(start()).rejects.toThrow(`${data} is in use by process ${process.pid}`)
  await first.stop()
  await (await start()).stop()
})

test('a torn line at the end of the journal is cut off, kept aside and told of', async () => {
  const first = await start()
  await send(first, { kind: 'pace', speed: 5, id: 'kept' }).expect(200)
  await first.stop()
  await appendFile(join(await runFolder(data), 'journal.ndjson'), '{"entry":2,"kind":"command","id":"torn"')
  const second = await start()
  const { cut } = await health(second)
  expect(cut).toEqual({ bytes: 39, file: expect.stringMatching(/^journal\.cut-/) })
  expect(second.log).toEqual([expect.stringMatching(/its last 39 bytes are kept in journal\.cut-/)])
  expect(await readFile(join(await runFolder(data), cut.file), 'utf8')).toMatch(/"torn"$/)
  await send(second, { kind: 'pace', speed: 6 }).expect(200)
  await second.stop()
  const entries = await journalOf(data)
  expect(entries.map(({ kind }) => kind)).toEqual(['run', 'command', 'cut', 'command'])
})

test('torn at any byte of its last line, a journal is cut back to the line before, and goes on', async () => {
  const file = join(data, 'journal.ndjson')
  const journal = await createJournal(data, entryOf(0))
  await journal.append(entryOf(1))
  const { size } = await stat(file)
  await journal.append(entryOf(2))
  await journal.close()
  const whole = await readFile(file)
  for (let length = size; length < whole.length; length++) {
    await writeFile(file, whole.subarray(0, length))
    const found = await readJournal(data)
    expect(found?.entries).toHaveLength(2)
    if (!found) continue
    const { journal, cut } = await continueJournal(data, found)
    await journal.append(entryOf(3))
    await journal.close()
    const torn = length - size
    expect(cut && cut.bytes).toBe(torn === 0 ? null : torn)
    if (cut) {
      expect(await readFile(join(data, cut.file))).toEqual(whole.subarray(size, length))
      await rm(join(data, cut.file))
    }
    const entries = (await readJournal(data))?.entries ?? []
    expect(entries.map(entry => 'bytes' in entry && entry.bytes)).toEqual([0, 1, ...(cut ? [torn] : []), 3])
  }
})

test('an entry that is taken back is not there, and the next one has its number', async () => {
  const journal = await createJournal(data, entryOf(0))
  await journal.append(entryOf(1))
  await journal.append(entryOf(2))
  await journal.takeBack()
  expect(await journal.append(entryOf(3))).toBe(2)
  await journal.close()
  const entries = (await readJournal(data))?.entries ?? []
  expect(entries.map(entry => 'bytes' in entry && entry.bytes)).toEqual([0, 1, 3])
})

function entryOf(bytes: number): Entry {
  return { kind: 'cut', at: 'noon', bytes, file: 'aside' }
}

test('a line that was changed is not replayed, nor any after it', async () => {
  const first = await start()
  for (const speed of [5, 6, 7]) await send(first, { kind: 'pace', speed }).expect(200)
  await first.stop()
  const file = join(await runFolder(data), 'journal.ndjson')
  await writeFile(file, (await readFile(file, 'utf8')).replaceAll('"speed":6', '"speed":9'))
  const second = await start()
  expect((await connect(second.url)).hello.pace.speed).toBe(5)
  expect((await health(second)).cut.bytes).toBeGreaterThan(300)
  await second.stop()
})

test('whatever happens to a journal, what is read of it is how it began', () => {
  const contents = [
    { kind: 'run' },
    { kind: 'command', id: 'ä' },
    { kind: 'cut', bytes: 1 },
    { kind: 'command', id: '\n' },
  ]
  let chain = 0
  const lines = contents.map((content, entry) => {
    const record = encodeRecord(entry, content, chain)
    chain = record.chain
    return record.line
  })
  const whole = Buffer.from(lines.join(''))
  const expected = contents.map((content, entry) => ({ entry, ...content }))
  expect(readRecords(whole)).toEqual({ entries: expected, chain, length: whole.length })
  const damage = fc.record({ at: fc.nat(whole.length - 1), bits: fc.integer({ min: 1, max: 255 }), cut: fc.boolean() })
  fc.assert(
    fc.property(damage, ({ at, bits, cut }) => {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] ?? 0) ^ bits
      const { entries, length } = readRecords(cut ? whole.subarray(0, at) : bytes)
      expect(entries).toEqual(expected.slice(0, entries.length))
      expect(length).toBeLessThanOrEqual(at)
    }),
  )
  // a line left out, or in another place
  expect(readRecords(Buffer.from([lines[0], lines[2], lines[3]].join(''))).entries).toHaveLength(1)
  expect(readRecords(Buffer.from([lines[0], lines[2], lines[1]].join(''))).entries).toHaveLength(1)
})

test('of snapshots two are kept; a corrupt one makes room for the one before, then for none', async () => {
  const snapshots = createSnapshots(data)
  const part = (value: number) => Uint8Array.from({ length: 9000 }, () => value).buffer
  const snapshot = (sequence: number) => ({
    sequence,
    time: sequence / 4,
    speed: 1,
    paused: false,
    entry: sequence / 10,
    ramp: null,
    watch: createWatch(smallFleet()),
    shards: [[0, 1]],
    parts: [part(1), part(2)],
  })
  for (const sequence of [10, 20, 30]) await snapshots.write(snapshot(sequence))
  expect((await readdir(data)).sort()).toEqual(['snapshot-000000000020', 'snapshot-000000000030'])
  await writeFile(join(data, 'snapshot-000000000040.draft'), 'half of')
  const told: string[] = []
  const newest = (entry = 3) => snapshots.newest(entry, line => told.push(line))
  expect(await newest()).toEqual(snapshot(30))
  expect(await readdir(data)).toHaveLength(2)
  const spoil = async (name: string) => {
    const bytes = await readFile(join(data, name))
    bytes[bytes.length >> 1] = 7
    await writeFile(join(data, name), bytes)
  }
  await spoil('snapshot-000000000030')
  expect(await newest()).toEqual(snapshot(20))
  expect(told).toEqual(['snapshot-000000000030: it is corrupt; not used'])
  // it knows of an entry that is not there any more
  expect(await newest(1)).toBeNull()
  expect(told.at(-1)).toMatch(/commands that the journal has lost/)
})

test('of the two notes of what was shown a torn one leaves the other', async () => {
  const path = join(data, 'horizon')
  const { horizon, sequence } = await openHorizon(path)
  expect(sequence).toBe(0)
  await Promise.all([8, 12, 16, 20].map(horizon.note))
  await horizon.close()
  const bytes = await readFile(path)
  const at = bytes.indexOf('20 ')
  bytes[at] = 0x39
  await writeFile(path, bytes)
  const again = await openHorizon(path)
  expect(again.sequence).toBe(16)
  await again.horizon.note(24)
  await again.horizon.close()
  const last = await openHorizon(path)
  expect(last.sequence).toBe(24)
  await last.horizon.close()
})

test('frames are shown once it is noted that they are, and all the same where that fails or takes too long', async () => {
  const shown: number[] = []
  const causes: (string | null)[] = []
  const notes: { sequence: number; settle: (cause?: Error) => void }[] = []
  const gate = createGate({
    horizon: {
      note: sequence =>
        new Promise((resolve, reject) =>
          notes.push({ sequence, settle: cause => (cause ? reject(cause) : resolve()) }),
        ),
    },
    noted: 2,
    show: ({ sequence }) => shown.push(sequence),
    failing: cause => causes.push(cause),
  })
  const frame = (sequence: number) =>
    gate.take(buildFrame(buildFleet(), sequence), { behind: 0, lost: 0, taken: 0, watched: null })
  for (const sequence of [1, 2, 3, 4]) frame(sequence)
  const then: number[] = []
  gate.after(() => then.push(...shown))
  expect(shown).toEqual([1, 2])
  notes.splice(0).forEach(({ settle }) => settle())
  await until(() => shown.length === 4)
  expect(then).toEqual([1, 2, 3, 4])
  frame(30)
  notes.splice(0).forEach(({ settle }) => settle(new Error('EROFS: read-only file system, write')))
  await until(() => shown.includes(30))
  expect(causes.at(-1)).toMatch(/EROFS/)
  frame(60)
  expect(shown).not.toContain(60)
  // nothing comes of the note
  await until(() => shown.includes(60))
  expect(causes.at(-1)).toMatch(/takes longer/)
})

const namespaces = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0

test.runIf(namespaces)('a disk that is read-only stops the start with one line', async () => {
  const server = startMortal({ data, port: await freePort(), mounted: '64k,ro' })
  await expect(server.listening).rejects.toThrow('the server ended')
  expect(server.err()).toMatch(/^headgate: --data: got ".*", expected a folder that can be written \(EROFS: .*\n$/)
})

test.runIf(namespaces)(
  'a disk without room refuses commands until there is some again, and frames go on',
  async () => {
    const port = await freePort()
    const full = startMortal({ data, port, mounted: '512k', flags: ['--fleet', 'lost-rdma', '--speed', '10'] })
    await full.ready
    const inside = full.path('runs')
    await send(full, { kind: 'pace', speed: 10, id: 'with room' }).expect(200)
    await writeFile(join(inside, 'filler'), Buffer.alloc(1 << 20)).catch(() => {})
    const accepted = ['with room']
    let refused = null
    for (let count = 0; refused === null && count < 100; count++) {
      const { body } = await send(full, { kind: 'pace', speed: 10, id: `command ${count}` })
      if (body.ok) accepted.push(body.id)
      else refused = body
    }
    expect(refused?.error).toMatchObject({ field: 'journal', value: expect.stringMatching(/^ENOSPC/) })
    const { socket } = await connect(full.url)
    const { sequence } = await next(socket, 'frame')
    await next(socket, 'frame', frame => frame.sequence > sequence + 12)
    socket.disconnect()
    expect((await health(full)).failing.journal).toMatch(/^ENOSPC/)
    await rm(join(inside, 'filler'))
    await send(full, { kind: 'pace', speed: 10, id: 'room again' }).expect(200)
    expect((await health(full)).failing.journal).toBe(null)
    const ids = (await journalOf(full.path(''))).flatMap(entry => (entry.kind === 'command' ? [entry.id] : []))
    expect(ids).toEqual([...accepted, 'room again'])
    expect(await full.stop()).toBe(0)
  },
  200_000,
)

test('a full disk refuses commands with the cause, and frames go on; nothing that was refused is there later', async () => {
  const port = await freePort()
  // files may grow to four KiB: the journal takes some commands, and no snapshot can be written
  const limited = startMortal({ data, port, flags: ['--speed', '10'], before: 'ulimit -f 8;' })
  await limited.ready
  const accepted: string[] = []
  let refused = null
  for (let count = 0; refused === null && count < 100; count++) {
    const { body } = await send(limited, { kind: 'pace', speed: 10, id: `command ${count}` })
    if (body.ok) accepted.push(body.id)
    else refused = body
  }
  expect(refused).toEqual({
    ok: false,
    error: { field: 'journal', value: 'EFBIG: file too large, write', expected: 'a disk that can be written' },
  })
  expect(accepted.length).toBeGreaterThan(2)
  await send(limited, { kind: 'pace', speed: 10 }).expect(503)
  const { socket } = await connect(limited.url)
  const { sequence } = await next(socket, 'frame')
  await next(socket, 'frame', frame => frame.sequence > sequence + 12)
  socket.disconnect()
  const { failing } = await health(limited)
  expect(failing).toEqual({
    journal: expect.stringMatching(/EFBIG/),
    frames: null,
    snapshots: expect.stringMatching(/EFBIG/),
    history: expect.stringMatching(/EFBIG/),
  })
  expect(await limited.stop()).toBe(0)

  const ids = (await journalOf(data)).flatMap(entry => (entry.kind === 'command' ? [entry.id] : []))
  expect(ids).toEqual(accepted)
  const roomy = startMortal({ data, port, flags: ['--speed', '10'] })
  await roomy.ready
  await send(roomy, { kind: 'pace', speed: 10, id: 'at last' }).expect(200)
  await until(async () => (await health(roomy)).failing.journal === null)
  expect(await roomy.stop()).toBe(0)
})
