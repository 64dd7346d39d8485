import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { connect, next, startTestServer, until } from '../support/server'

let folder: string
const started: ChildProcess[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headgate-start-'))
  // builds what is stale, so that no test waits for it
  await ended(start('--help'))
}, 120_000)
afterEach(() => {
  for (const child of started.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Started {
  child: ChildProcess
  out: () => string
  err: () => string
}

/** `npm start` with these flags. */
function start(...flags: string[]): Started {
  return watch(spawn(process.execPath, ['server/start.js', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] }))
}

function watch(child: ChildProcessByStdio<null, Readable, Readable>): Started {
  started.push(child)
  const text = { out: '', err: '' }
  child.stdout.on('data', chunk => (text.out += chunk))
  child.stderr.on('data', chunk => (text.err += chunk))
  return { child, out: () => text.out, err: () => text.err }
}

function serve(...flags: string[]): Started {
  return start('--port', '0', '--data', folder, '--fresh', ...flags)
}

async function ended({ child }: Started): Promise<number | null> {
  if (child.exitCode === null) await new Promise(resolve => child.once('close', resolve))
  return child.exitCode
}

async function urlOf(run: Started): Promise<string> {
  await until(() => run.out().includes('\n') || run.child.exitCode !== null)
  expect(run.err()).toBe('')
  const [url = ''] = run.out().split('\n')
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  return url
}

test('it prints its address first, serves the page and frames, and stops clean on SIGTERM', async () => {
  const run = serve('--seed', '5')
  const url = await urlOf(run)
  await until(() => run.out().split('\n').length > 2)
  expect(run.out()).toMatch(/^http.*\n.*seed 5.*\n$/)
  const page = await fetch(url)
  expect(page.status).toBe(200)
  const script = /<script type="module"[^>]* src="([^"]+)"/.exec(await page.text())?.[1]
  expect((await fetch(url + script)).headers.get('cache-control')).toContain('immutable')
  const { socket, hello } = await connect(url)
  expect(hello.run.seed).toBe(5)
  const { sequence } = await next(socket, 'frame')
  expect(sequence).toBeGreaterThan(0)
  const gone = new Promise(resolve => socket.once('disconnect', resolve))
  run.child.kill('SIGTERM')
  await gone
  expect(await ended(run)).toBe(0)
  expect(run.err()).toBe('')
  const journal = await readFile(join(folder, 'runs', hello.run.id, 'journal.ndjson'), 'utf8')
  expect(journal).toMatch(/^\{"entry":0,"kind":"run".*\}\n$/)
})

test('a taken port stops the start with one line', async () => {
  const other = await startTestServer({ ready: false })
  const journals = await readdir(join(folder, 'runs'))
  const run = start('--port', String(other.port), '--data', folder, '--fresh')
  expect(await ended(run)).toBe(1)
  expect(run.err()).toBe(`headgate: --port: got ${other.port}, expected a port that no other program listens on\n`)
  expect(run.out()).toBe('')
  expect(await readdir(join(folder, 'runs'))).toEqual(journals)
  await other.stop()
})

test('a run of another seed stops the start with one line that names both', async () => {
  const run = start('--port', '0', '--data', folder, '--seed', '77')
  expect(await ended(run)).toBe(1)
  expect(run.err()).toMatch(
    /^headgate: --data: got ".*", expected a run of fleet default, seed 77, .*; it holds a run of fleet default, seed 5, .*--fresh.*\n$/,
  )
  expect(run.out()).toBe('')
})

test('a bad flag stops the start with one line and code 2', async () => {
  const run = start('--speed', 'fast')
  expect(await ended(run)).toBe(2)
  expect(run.err()).toBe('headgate: --speed: got "fast", expected a whole number from 1 to 600\n')
  expect(run.out()).toBe('')
})

test('a data folder that cannot be written stops the start with one line', async () => {
  const file = join(folder, 'file')
  await writeFile(file, '')
  const run = start('--port', '0', '--data', file)
  expect(await ended(run)).toBe(1)
  expect(run.err()).toMatch(/^headgate: --data: got ".*file.*", expected a folder that can be written .*\n$/)
  expect(run.err().split('\n')).toHaveLength(2)
})

test('a data folder where there can be none stops the start with one line', async () => {
  const run = start('--port', '0', '--data', '/proc/headgate')
  expect(await ended(run)).toBe(1)
  expect(run.err()).toMatch(/^headgate: --data: got "\/proc\/headgate", expected a folder that can be written .*\n$/)
})

test('a disk that is full stops the start with one line, and leaves no journal', async () => {
  const data = join(folder, 'full')
  const limited = 'ulimit -f 0; exec "$0" server/start.js --port 0 --data "$1"'
  const run = watch(spawn('sh', ['-c', limited, process.execPath, data], { stdio: ['ignore', 'pipe', 'pipe'] }))
  expect(await ended(run)).toBe(1)
  expect(run.err()).toMatch(/^headgate: --data: got ".*full.*ndjson", expected a folder that can be written .*\n$/)
  expect(await readdir(join(data, 'runs'))).toEqual([])
})

test('it goes on when nobody reads what it prints', async () => {
  const other = await startTestServer({ ready: false })
  await other.stop()
  const run = start('--port', String(other.port), '--data', folder, '--fresh', '--fleet', 'lost-rdma')
  run.child.stdout?.destroy()
  run.child.stderr?.destroy()
  await until(() =>
    fetch(`${other.url}/readyz`)
      .then(({ ok }) => ok)
      .catch(() => false),
  )
  run.child.kill('SIGTERM')
  expect(await ended(run)).toBe(0)
})

test('an address that others reach needs a token, which the command line makes', async () => {
  const data = join(folder, 'far')
  const far = ['--host', '0.0.0.0', '--port', '0', '--data', data, '--fleet', 'lost-rdma']
  const refused = start(...far)
  expect(await ended(refused)).toBe(2)
  expect(refused.err()).toBe(
    'headgate: --host: got "0.0.0.0", expected a loopback address such as 127.0.0.1, or a token first: npm run token -- add NAME --role admin\n',
  )
  const token = (...words: string[]) => start('token', ...words, '--data', data)
  const added = token('add', 'anna', '--role', 'admin')
  expect(await ended(added)).toBe(0)
  expect(added.out()).toMatch(/^hg_[\w-]{43}\n$/)
  expect(added.err()).toMatch(/^admin anna, in .*; the token is shown this once:\n$/)
  const run = start(...far)
  await until(() => run.out().includes('\n'))
  expect(run.err()).toContain('put TLS in front')
  const url = run.out().split('\n')[0]?.replace('0.0.0.0', '127.0.0.1') ?? ''
  expect((await fetch(`${url}/api/v1/fleet`)).status).toBe(401)
  const { hello } = await connect(url, { auth: { token: added.out().trim() } })
  expect(hello.you).toMatchObject({ name: 'anna', role: 'admin' })
  run.child.kill('SIGTERM')
  expect(await ended(run)).toBe(0)
  const revoked = token('revoke', 'anna')
  expect(await ended(revoked)).toBe(0)
  const listed = token('list')
  await ended(listed)
  expect(listed.out()).toMatch(/^anna\tadmin\tadded .* by command line\trevoked .* by command line\n$/)
})

test.each([
  [['add', 'anna'], /^token: role: got null, expected one of viewer, operator, approver, admin\n$/],
  [['add', 'anna', '--role', 'owner'], /^token: role: got "owner", expected one of viewer, /],
  [['add', '--role', 'admin'], /^token: name: got "", expected a name of up to 40/],
  [['add', 'anna', '--role', 'viewer'], /^token: role: got "viewer", expected admin: the first token/],
  [['revoke', 'nobody'], /^token: name: got "nobody", expected the name of a token that is not revoked\n$/],
  [['give', 'anna'], /^token: got "give anna", expected a command\n\nUsage: /],
])('token %j is refused in words, with code 2', async (words, line) => {
  const run = start('token', ...words, '--data', join(folder, 'none'))
  expect(await ended(run)).toBe(2)
  expect(run.err()).toMatch(line)
  expect(run.out()).toBe('')
})

const header = 'TIMESTAMP,ContextTokens,GeneratedTokens\n'

test('a bad line of a trace stops the start with its number, before anything is written', async () => {
  const trace = join(folder, 'bad.csv')
  await writeFile(trace, `${header}2023-11-16 18:00:00.0000000,100,10\n2023-11-16 18:00:01.0000000,many,10\n`)
  const data = join(folder, 'unused')
  const run = start('--port', '0', '--data', data, '--trace', trace)
  expect(await ended(run)).toBe(2)
  expect(run.err()).toMatch(/^headgate: trace .*bad\.csv: line 3: ContextTokens: got "many", expected a whole number/)
  expect(run.out()).toBe('')
  await expect(readdir(data)).rejects.toThrow()
})

test('a trace drives its workload', async () => {
  const trace = join(folder, 'code.csv')
  const lines = Array.from(
    { length: 60 },
    (_, second) => `2023-11-16 18:00:${String(second).padStart(2, '0')}.0000000,100,10`,
  )
  await writeFile(trace, header + lines.join('\n'))
  const run = serve('--trace', trace, '--workload', 'code', '--scale', '3')
  const { socket, hello } = await connect(await urlOf(run))
  expect(hello.run.trace).toBe(trace)
  const frame = await next(socket, 'frame', ({ time }) => time > 120)
  const code = hello.fleet.workloads.findIndex(({ id }) => id === 'code')
  expect(frame.workloads.arrived[code]).toBeCloseTo(3, 0)
  socket.disconnect()
  run.child.kill('SIGTERM')
  expect(await ended(run)).toBe(0)
})

test('a run that fails tells its clients and ends the server with code 1', async () => {
  const trace = join(folder, 'changing.csv')
  const lines = [0, 1, 2, 3].map(second => `2023-11-16 18:00:0${second}.0000000,100,10\n`)
  await writeFile(trace, header + lines.join(''))
  const run = serve('--trace', trace)
  const url = await urlOf(run)
  await until(async () => (await fetch(`${url}/readyz`)).ok)
  const { socket } = await connect(url)
  const told = next(socket, 'failure')
  await writeFile(trace, `${header}${lines.join('')}2023-11-16 18:00:09.0000000,100,10\n`)
  expect((await told).message).toContain('expected the same file as when it was checked')
  expect(await ended(run)).toBe(1)
  expect(run.err()).toMatch(/^headgate: the run ended by itself: trace .*changing\.csv: file: got "it changed".*\n$/)
})
