import { createHash, randomBytes } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Fleet } from '../../simulation/index'
import type { RunPlan, Snapshot } from '../live/messages'
import { codeDigest } from '../place'
import type { CommandEntry, Entry, NoteEntry, RunEntry } from './entry'
import { makeFolder, syncFolder } from './files'
import { openHorizon, type Horizon } from './horizon'
import { continueJournal, createJournal, readJournal, type Cut, type Journal } from './journal'
import { lock } from './lock'
import { createSnapshots, type Snapshots } from './snapshots'

/** A run on disk: a folder of its own, held by this server alone. */
export interface Store {
  folder: string
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
  /** What was told of changes, and how that did. */
  notes: NoteEntry[]
  snapshot: Snapshot | null
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

/** The run in the folder is not the one that was asked for. */
export class OtherRun extends Error {
  constructor(
    readonly folder: string,
    readonly found: string,
    readonly wanted: string,
  ) {
    super(`${folder} holds ${found}, not ${wanted}`)
  }
}

/**
 * Goes on with the newest run in the folder, or begins one where there is none or a fresh one is wished for; those before are
 * kept. Fails with `Locked` where another server has the folder, with `OtherRun` where its run is not the planned one.
 */
export async function openStore(data: string, { plan, fresh, tell }: StoreOptions): Promise<Store> {
  await makeFolder(data)
  const unlock = await lock(data)
  try {
    const runs = join(data, 'runs')
    await makeFolder(runs)
    await syncFolder(data)
    const wanted = describe(plan)
    const [before, newest] = [undefined, undefined, ...(await readdir(runs)).sort()].slice(-2)
    const resumed = newest === undefined || fresh ? null : await resume(join(runs, newest), wanted, tell)
    const store = resumed ?? (await begin(runs, wanted))
    if (!resumed && before !== undefined) await dropBulk(join(runs, before))
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
    return { folder, run: wanted, journal, horizon, snapshots: createSnapshots(folder), past: null }
  } catch (cause) {
    await rm(folder, { recursive: true, force: true })
    throw cause
  }
}

/** `null` where the run was never begun: its first line never came to the disk. */
async function resume(folder: string, wanted: RunEntry, tell: (line: string) => void): Promise<Opened | null> {
  const data = dirname(dirname(folder))
  const found = await readJournal(folder)
  const run = found?.entries[0]
  if (!found?.bytes.includes('\n')) {
    tell(`the run in ${folder} was never begun; another one is`)
    return null
  }
  if (run?.kind !== 'run') throw new OtherRun(data, 'a journal whose first line is corrupt', name(wanted))
  if (identity(run) !== identity(wanted)) throw new OtherRun(data, name(run), name(wanted))
  const { entries } = found
  const { journal, cut } = await continueJournal(folder, found)
  if (cut) tell(`the journal in ${folder} was torn or corrupt: its last ${cut.bytes} bytes are kept in ${cut.file}`)
  const snapshots = createSnapshots(folder)
  const snapshot = await snapshots.newest(entries.length - 1, tell)
  const { horizon, sequence } = await openHorizon(join(folder, 'horizon'))
  return {
    folder,
    run,
    journal,
    horizon,
    snapshots,
    past: { commands: commandsOf(entries), notes: notesOf(entries), snapshot, horizon: sequence, cut },
  }
}

function commandsOf(entries: Entry[]): Past['commands'] {
  return entries.flatMap((entry, number) => (entry.kind === 'command' ? [{ number, entry }] : []))
}

function notesOf(entries: Entry[]): NoteEntry[] {
  return entries.flatMap(entry =>
    entry.kind === 'run' || entry.kind === 'command' || entry.kind === 'cut' ? [] : [entry],
  )
}

function describe({ fleet, seed, speed, trace }: RunPlan): RunEntry {
  const started = new Date().toISOString()
  const id = `${started.replace(/[:.]/g, '-')}-${randomBytes(3).toString('hex')}`
  const same = { scenario: fleet.id, seed, speed, trace, fleet: fleetDigest(fleet), code: codeDigest() }
  return { kind: 'run', version: 2, id, started, ...same }
}

/** Under another one the same commands would give other frames; the speed is one that a run began with. */
function identity({ version, scenario, seed, trace, fleet, code }: RunEntry): string {
  return JSON.stringify({ version, scenario, seed, trace, fleet, code })
}

/** In words: "a run of fleet default, seed 1, version 3fa97c02". */
function name({ version, scenario, seed, trace, fleet, code }: RunEntry): string {
  const made = JSON.stringify({ version, trace, fleet, code })
  const digest = createHash('sha256').update(made).digest('hex').slice(0, 8)
  const traffic = trace ? `, ${trace.workload} from ${trace.file} at ${trace.scale} × its rate` : ''
  return `a run of fleet ${scenario}, seed ${seed}${traffic}, version ${digest}`
}

function fleetDigest(fleet: Fleet): string {
  // JSON has no word for endless stages
  const text = JSON.stringify(fleet, (_, value: unknown) => (value === Infinity ? 'endless' : value))
  return createHash('sha256').update(text).digest('base64')
}

/** A run that is over can be told from its journal alone; that before the newest may still be gone on with by hand. */
async function dropBulk(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const bulky = name.startsWith('snapshot-') || name === 'history'
    if (bulky) await rm(join(folder, name), { recursive: true, force: true })
  }
}
