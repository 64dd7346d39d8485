import { createHash, randomBytes } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fleet } from '../../simulation/index'
import type { RunPlan } from '../live/messages'
import { codeDigest } from '../place'
import type { CommandEntry, Entry, RunEntry } from './entry'
import { makeFolder, syncFolder } from './files'
import { openHorizon, type Horizon } from './horizon'
import { continueJournal, createJournal, readJournal, type Cut, type Journal } from './journal'
import { lock } from './lock'
import { createSnapshots, type KeptSnapshot, type Snapshots } from './snapshots'

/** A run on disk: a folder of its own, held by this server alone. */
export interface Store {
  run: RunEntry
  journal: Journal
  horizon: Horizon
  snapshots: Snapshots
  /** What it has behind it; `null` for a run that begins. */
  past: Past | null
  close(): Promise<void>
  /** Closes it, and takes away what a run that did not start has written. */
  discard(): Promise<void>
}

export interface Past {
  /** The commands that took effect, and their numbers. */
  commands: { number: number; entry: CommandEntry }[]
  snapshot: KeptSnapshot | null
  /** No frame after this one was shown. */
  horizon: number
  cut: Cut | null
}

export interface StoreOptions {
  plan: RunPlan
  /** Begins a new run even where the last one could go on. */
  fresh: boolean
  tell: (line: string) => void
}

/** Goes on with the newest run in the folder if it is the planned one, or else begins it, and keeps those before. */
export async function openStore(data: string, { plan, fresh, tell }: StoreOptions): Promise<Store> {
  await makeFolder(data)
  const unlock = await lock(data)
  try {
    const runs = join(data, 'runs')
    await makeFolder(runs)
    await syncFolder(data)
    const wanted = describe(plan)
    const newest = (await readdir(runs)).sort().at(-1)
    const resumed = newest === undefined || fresh ? null : await resume(join(runs, newest), wanted, tell)
    const store = resumed ?? (await begin(runs, wanted))
    if (!resumed && newest !== undefined) await dropSnapshots(join(runs, newest))
    return { ...store, close: () => close(store), discard }

    async function discard(): Promise<void> {
      await close(store)
      if (!resumed) await rm(join(runs, store.run.id), { recursive: true })
    }
  } catch (cause) {
    await unlock()
    throw cause
  }

  async function close({ journal, horizon, snapshots }: Opened): Promise<void> {
    await snapshots.close()
    await journal.close()
    await horizon.close()
    await unlock()
  }
}

type Opened = Omit<Store, 'close' | 'discard'>

async function begin(runs: string, wanted: RunEntry): Promise<Opened> {
  const folder = join(runs, wanted.id)
  await makeFolder(folder)
  try {
    const journal = await createJournal(folder, wanted)
    const { horizon } = await openHorizon(join(folder, 'horizon'))
    await syncFolder(runs)
    return { run: wanted, journal, horizon, snapshots: createSnapshots(folder), past: null }
  } catch (cause) {
    await rm(folder, { recursive: true, force: true })
    throw cause
  }
}

/** `null` where the run in the folder is another one than wanted. */
async function resume(folder: string, wanted: RunEntry, tell: (line: string) => void): Promise<Opened | null> {
  const found = await readJournal(folder).catch((cause: unknown) => {
    tell(`the run in ${folder} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
    return null
  })
  const run = found?.entries[0]
  if (!found || run?.kind !== 'run' || !isSame(run, wanted)) return null
  const { entries } = found
  const { journal, cut } = await continueJournal(folder, found)
  if (cut) tell(`the journal in ${folder} was torn or corrupt: its last ${cut.bytes} bytes are kept in ${cut.file}`)
  const snapshots = createSnapshots(folder)
  const snapshot = await snapshots.newest(entries.length - 1, tell)
  const { horizon, sequence } = await openHorizon(join(folder, 'horizon'))
  return {
    run,
    journal,
    horizon,
    snapshots,
    past: { commands: commandsOf(entries), snapshot, horizon: sequence, cut },
  }
}

function commandsOf(entries: Entry[]): Past['commands'] {
  const voided = new Set(entries.flatMap(entry => (entry.kind === 'void' ? [entry.voids] : [])))
  return entries.flatMap((entry, number) =>
    entry.kind === 'command' && !voided.has(number) ? [{ number, entry }] : [],
  )
}

function describe({ fleet, seed, speed, trace }: RunPlan): RunEntry {
  const started = new Date().toISOString()
  const id = `${started.replace(/[:.]/g, '-')}-${randomBytes(3).toString('hex')}`
  const same = { scenario: fleet.id, seed, speed, trace, fleet: fleetDigest(fleet), code: codeDigest() }
  return { kind: 'run', version: 2, id, started, ...same }
}

/** Whether two plans are of the same run; the speed is one that it began with. */
function isSame(one: RunEntry, other: RunEntry): boolean {
  const identity = ({ version, seed, trace, fleet, code }: RunEntry): string =>
    JSON.stringify({ version, seed, trace, fleet, code })
  return identity(one) === identity(other)
}

function fleetDigest(fleet: Fleet): string {
  // JSON has no word for endless stages
  const text = JSON.stringify(fleet, (_, value: unknown) => (value === Infinity ? 'endless' : value))
  return createHash('sha256').update(text).digest('base64')
}

/** A run that is over can be told from its journal alone. */
async function dropSnapshots(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (name.startsWith('snapshot-')) await rm(join(folder, name), { force: true })
  }
}
