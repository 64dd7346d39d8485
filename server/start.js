/** `npm start`, `npm run simulate` and `npm run token`: builds what is missing or stale, then runs it in this process. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '..')
const stamp = join(root, 'dist', 'stamp')
const sources = ['simulation', 'server', 'client', 'vite.config.ts', 'package.json', 'package-lock.json']
const programs = ['simulate', 'token']
const program = programs.find(name => name === process.argv[2]) ?? 'main'
if (program !== 'main') process.argv.splice(2, 1)

const digest = digestOf(sources)
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest) {
  await build()
  writeFileSync(stamp, digest)
}
await import(pathToFileURL(join(root, 'dist', 'server', `${program}.js`)).href)

/**
 * Of what the sources say, not of when they were written: a checkout changes the one, not the other.
 * @param {string[]} paths
 */
function digestOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths.flatMap(filesIn))
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0')
  return hash.digest('hex')
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesIn(path) {
  if (!statSync(join(root, path)).isDirectory()) return [path]
  return readdirSync(join(root, path))
    .sort()
    .flatMap(name => filesIn(join(path, name)))
}

/** Output goes to stderr: the first line on stdout is the server's own. */
async function build() {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  if (!existsSync(vite)) end('the build tools are missing, run npm ci first')
  process.stderr.write('headgate: building\n')
  // without a stamp a build that ends half-way is not taken for a whole one
  rmSync(stamp, { force: true })
  for (const flags of [[], ['--ssr']]) {
    const code = await run(process.execPath, [vite, 'build', '--logLevel', 'warn', ...flags])
    if (code !== 0) end(`the build failed (code ${code})`)
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<number | null>}
 */
function run(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  const stop = () => child.kill()
  process.once('SIGTERM', stop).once('SIGINT', stop)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      process.off('SIGTERM', stop).off('SIGINT', stop)
      if (signal) process.kill(process.pid, signal)
      resolve(code)
    })
  })
}

/**
 * @param {string} line
 * @returns {never}
 */
function end(line) {
  process.stderr.write(`headgate: ${line}\n`)
  process.exit(1)
}
