import { join } from 'node:path'
import { charted, type FleetView, type Frame } from '../../simulation/index'
import { makeFolder } from '../journal/files'
import type { History, HistoryRange } from '../protocol'
import { capacitiesOf, resolutions } from './budget'
import { createFolder, type Folder } from './fold'
import { createLayout, membersOf, type Layout } from './layout'
import { openRing, type Ring } from './ring'
import { openRingFile, type Opened } from './ring-file'
import { frameOf, rowOf, timeOf, type Row } from './row'
import { columnsOf, placesOf, type Series } from './series'

/** So many of the newest points are sent as they are, of the older ones every fourth: a screen shows no more. */
const fine = 120
const coarseStep = 4
/** No more rows than this are read where a coarser resolution has less; a few tens of megabytes. */
const mostRows = 2000

/** Frames of a run at four resolutions, on disk: one a second (or per frame where they lie further apart), 10 s, 1 min, 10 min. */
export interface HistoryRecord {
  add(frame: Frame): void
  /** The newest ten minutes, thinned to what charts draw. */
  view(): History
  range(asked: RangeRequest): Promise<HistoryRange>
  /** The frame at or before a time, and over how many seconds it is folded; `null` where none is kept. */
  moment(time: number): Promise<{ resolution: number; frame: Frame } | null>
  /** Times that are kept [s]. */
  extent(): { oldest: number; newest: number } | null
  /** Why it cannot be written at present. */
  failing(): string | null
  /** Resolves when all of it is on disk, or cannot be. */
  flush(): Promise<void>
  close(): Promise<void>
}

export interface RangeRequest {
  from: number
  to: number
  points: number
  series: Series
}

export interface HistoryPlan {
  /** Where its files lie; `null` keeps it in memory alone. */
  folder: string | null
  fleet: FleetView
  /** Of all its files [bytes]. */
  bytes: number
  /** Frames beyond it were not shown, and may come otherwise. */
  horizon: number
}

/** Every so many rows of a stretch of time are folded into one. */
interface Thinning {
  from: number
  to: number
  step: number
  folder: Folder
}

/** A resolution that is folded from seconds. */
interface Coarse {
  ring: Ring
  folder: Folder
}

export async function openHistory({ folder, fleet, bytes, horizon }: HistoryPlan): Promise<HistoryRecord> {
  const layout = createLayout(membersOf(fleet))
  const capacities = capacitiesOf(bytes, layout.bytes)
  const rings: Ring[] = []
  for (const seconds of resolutions) {
    const plan = { seconds, capacity: capacities[seconds], layout }
    rings.push(await openRing({ ...plan, ...(await openFile(folder, plan, horizon)) }))
  }
  const [finest, ...others] = rings
  if (!finest) throw new Error('a history has resolutions')
  const coarse = others.map((ring): Coarse => ({ ring, folder: createFolder(layout) }))
  for (const each of coarse) await foldAgain(finest, each)
  return historyOf(layout, finest, coarse)
}

async function openFile(
  folder: string | null,
  { seconds, capacity, layout }: { seconds: number; capacity: number; layout: Layout },
  horizon: number,
): Promise<{ opened: Opened | null; cause: string | null }> {
  if (folder === null) return { opened: null, cause: null }
  try {
    await makeFolder(folder)
    const path = join(folder, `${seconds}s.ring`)
    const sizes = { capacity, rowBytes: layout.bytes }
    return { opened: await openRingFile(path, sizes, ({ sequence }) => sequence <= horizon), cause: null }
  } catch (cause) {
    return { opened: null, cause: cause instanceof Error ? cause.message : String(cause) }
  }
}

/** What seconds came after the newest row of a coarser ring, its next row is made of. */
async function foldAgain(finest: Ring, coarse: Coarse): Promise<void> {
  const newest = coarse.ring.extent()?.newest ?? -Infinity
  for await (const rows of finest.rows(newest + 1e-3, Infinity)) for (const row of rows) if (row) fold(coarse, row)
}

function fold({ ring, folder }: Coarse, row: Row): void {
  const stretch = (of: Row) => Math.ceil(timeOf(of) / ring.seconds - 1e-9)
  const last = folder.last()
  const over = last && stretch(last) !== stretch(row) ? folder.row() : null
  if (over) {
    ring.add(over)
    folder.clear()
  }
  folder.add(row)
}

function historyOf(layout: Layout, finest: Ring, coarse: Coarse[]): HistoryRecord {
  const rings = [finest, ...coarse.map(({ ring }) => ring)]
  let viewed: History | null = null
  return { add, view: () => (viewed ??= view()), range, moment, extent, failing, flush, close }

  function add(frame: Frame): void {
    // a run that comes back computes again what is here already
    if (frame.time < (finest.extent()?.newest ?? -Infinity) + 1 - 1e-9) return
    viewed = null
    const row = rowOf(layout, frame)
    finest.add(row)
    for (const each of coarse) fold(each, row)
  }

  function view(): History {
    const rows = finest.hot()
    const fineFrom = rows.length - fine
    const shown = rows.filter((_, index) => index >= fineFrom || (fineFrom - index) % coarseStep === 0)
    return columnsOf(layout, shown, charted, 3)
  }

  async function range({ from, to, points, series }: RangeRequest): Promise<HistoryRange> {
    const ring = ringFor(from, to, Math.max(points, mostRows))
    // where rows are missing stands one more
    const step = Math.max(1, Math.ceil(ring.count(from, to) / Math.max(1, points - 1)))
    const rows = await thinned(ring, { from, to, step, folder: createFolder(layout, placesOf(layout, series)) })
    const { oldest = null, newest = null } = extent() ?? {}
    return { resolution: ring.seconds * step, oldest, newest, ...columnsOf(layout, rows, series, 4) }
  }

  /** The finest that reaches back to the start of a range and has not too many rows in it, or else the coarsest that does. */
  function ringFor(from: number, to: number, most: number): Ring {
    const start = Math.max(from, extent()?.oldest ?? 0)
    const reaching = rings.filter(ring => (ring.extent()?.oldest ?? Infinity) <= start + ring.seconds)
    return reaching.find(ring => ring.count(from, to) <= most) ?? reaching.at(-1) ?? finest
  }

  async function thinned(ring: Ring, { from, to, step, folder }: Thinning): Promise<(Row | null)[]> {
    const kept: (Row | null)[] = []
    let folded = 0
    const put = () => {
      const row = folder.row()
      if (row) kept.push(row)
      folder.clear()
      folded = 0
    }
    const take = (row: Row) => {
      folder.add(row)
      if (++folded === step) put()
    }
    for await (const rows of ring.rows(from, to)) {
      for (const row of rows) {
        if (row && step === 1) kept.push(row)
        else if (row) take(row)
        else {
          put()
          if (kept.at(-1)) kept.push(null)
        }
      }
    }
    put()
    const young = youngOf(ring)
    if (young && timeOf(young) >= from && timeOf(young) <= to) kept.push(young)
    return kept
  }

  /** What a coarse ring has of the stretch that is not over yet. */
  function youngOf(ring: Ring): Row | null {
    return coarse.find(each => each.ring === ring)?.folder.row() ?? null
  }

  async function moment(time: number): Promise<{ resolution: number; frame: Frame } | null> {
    for (const ring of rings) {
      if ((ring.extent()?.oldest ?? Infinity) > time) continue
      const row = await ring.before(time)
      if (row) return { resolution: ring.seconds, frame: frameOf(layout, row) }
    }
    return null
  }

  function extent(): { oldest: number; newest: number } | null {
    const newest = finest.extent()?.newest
    if (newest === undefined) return null
    return { oldest: Math.min(...rings.map(ring => ring.extent()?.oldest ?? Infinity)), newest }
  }

  function failing(): string | null {
    return rings.map(ring => ring.failing()).find(cause => cause !== null) ?? null
  }

  async function flush(): Promise<void> {
    for (const ring of rings) await ring.flush()
  }

  async function close(): Promise<void> {
    for (const ring of rings) await ring.close()
  }
}
