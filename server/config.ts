/** Flags and environment: read once, checked once. Nothing else reads them. */
import { z } from 'zod'
import { fleets } from '../simulation/index'
import { refusalOf } from './refusal'

export interface Config {
  port: number
  host: string
  seed: number
  speed: number
  fleet: string
  /** Threads that the simulation may spread over; `null` lets the size of the fleet decide. */
  threads: number | null
  trace: TraceChoice | null
  /** Folder of the runs: their journals and snapshots. */
  data: string
  /** Begins a new run instead of going on with the last one. */
  fresh: boolean
  /** Most that the history of a run takes on disk [bytes]. */
  historyBytes: number
  dev: boolean
  help: boolean
}

/** A file of requests, the workload it drives and how many times its rate. */
export interface TraceChoice {
  file: string
  workload: string
  scale: number
}

/** A flag or variable that stops the start; `message` is one line. */
export class BadConfig extends Error {}

const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/, `a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine(value => value >= from && value <= to, `a whole number from ${from} to ${to}`)

const text = (expected: string) => z.string().refine(value => value.trim() !== '', expected)

/** A few minutes of a wide fleet. */
const leastHistory = 2 ** 20

const schema = z.object({
  port: wholeNumber(0, 65535).default(4310),
  host: z
    .string()
    .regex(/^[\w.:-]+$/, 'an address of this machine, such as 127.0.0.1')
    .default('127.0.0.1'),
  seed: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(1),
  speed: wholeNumber(1, 600).default(1),
  fleet: z
    .string()
    .refine(name => Object.hasOwn(fleets, name), `one of ${Object.keys(fleets).join(', ')}`)
    .default('default'),
  threads: wholeNumber(1, 64).nullable().default(null),
  trace: text('the path of a file').optional(),
  workload: z.string().optional(),
  scale: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,6})?$/, 'a number above 0, up to 1000')
    .transform(Number)
    .refine(value => value > 0 && value <= 1000, 'a number above 0, up to 1000')
    .optional(),
  data: text('the path of a folder').default('./data'),
  'history-bytes': wholeNumber(leastHistory, Number.MAX_SAFE_INTEGER).default(512 * 2 ** 20),
  fresh: flag(),
  dev: flag(),
  help: flag(),
})

type Flag = keyof z.input<typeof schema>
const switches: readonly string[] = ['fresh', 'dev', 'help']

export const usage = `Usage: npm start -- [flags]

  --port N         port to listen on, 0 for a free one (4310)
  --host ADDRESS   address to listen on; tokens first where others reach it (127.0.0.1)
  --seed N         seed of the run (1)
  --speed N        simulated seconds per second of a new run, 1 to 600 (1)
  --fleet NAME     ${Object.keys(fleets).join(', ')} (default)
  --threads N      threads that the simulation spreads over (as many as pay)
  --trace FILE     replay the requests of an Azure CSV or a Mooncake JSONL
  --workload NAME  the workload that the trace drives (chat)
  --scale N        times the rate of the trace (1)
  --data DIR       folder of the runs; the last one goes on (./data)
  --history-bytes N  bytes of the history of a run on disk (512 MiB)
  --fresh          begin a new run, and keep those before
  --dev            hot reload of the page
  --help           this text

Each flag can be set in the environment too, as HEADGATE_PORT and so on; flags win.`

/** The settings of this start. Throws `BadConfig`, naming the flag or variable, its value and what is expected. */
export function readConfig(args: readonly string[], environment: NodeJS.ProcessEnv = process.env): Config {
  const names = Object.keys(schema.shape)
  const given = readFlags(args, names)
  const inherited = readEnvironment(environment, names)
  const sourceOf = (name: string) => (name in given ? `--${name}` : variable(name))
  const input: Record<string, string> = { ...inherited, ...given }
  const result = schema.safeParse(input)
  if (!result.success) {
    const { field, value, expected } = refusalOf(result.error, input)
    throw bad(sourceOf(field), value, expected)
  }
  const { trace: file, workload, scale, 'history-bytes': historyBytes, ...rest } = result.data
  const settings = { ...rest, historyBytes }
  if (file === undefined) {
    for (const name of ['workload', 'scale'] as const)
      if (input[name] !== undefined) throw bad(sourceOf(name), input[name], 'a trace to go with it: --trace FILE')
    return { ...settings, trace: null }
  }
  const driven = workload ?? 'chat'
  checkWorkload(settings.fleet, driven, workload === undefined ? '--workload' : sourceOf('workload'))
  return { ...settings, trace: { file, workload: driven, scale: scale ?? 1 } }
}

export function bad(field: string, value: unknown, expected: string): BadConfig {
  return new BadConfig(`${field}: got ${JSON.stringify(value ?? null)}, expected ${expected}`)
}

function checkWorkload(fleet: string, workload: string, source: string): void {
  const able = (fleets[fleet]?.workloads ?? []).filter(({ kind }) => kind === 'tokens').map(({ id }) => id)
  if (!able.includes(workload)) throw bad(source, workload, `a workload that a trace can drive: ${able.join(', ')}`)
}

function readFlags(args: readonly string[], names: readonly string[]): Partial<Record<Flag, string>> {
  const given: Record<string, string> = {}
  for (let i = 0; i < args.length; i++) {
    const [, name = '', assigned] = /^--([a-z-]+)(?:=(.*))?$/s.exec(args[i] ?? '') ?? []
    if (!names.includes(name)) {
      throw bad('flags', args[i], `one of ${names.map(known => `--${known}`).join(' ')}`)
    }
    if (name in given) throw bad(`--${name}`, assigned ?? args[i + 1], 'the flag once')
    if (switches.includes(name)) {
      given[name] = assigned ?? 'true'
      continue
    }
    const value = assigned ?? args[++i]
    if (value === undefined || (assigned === undefined && value.startsWith('--'))) {
      throw bad(`--${name}`, value, 'a value after it')
    }
    given[name] = value
  }
  return given
}

function readEnvironment(environment: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap(name => {
      const value = environment[variable(name)]
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
}

function variable(name: string): string {
  return `HEADGATE_${name.toUpperCase().replace('-', '_')}`
}

function flag() {
  return z
    .enum(['true', 'false'])
    .transform(value => value === 'true')
    .default(false)
}
