import { Worker } from 'node:worker_threads'
import type { DetailWish, Diversion, Frame, Refusal } from '../../simulation/index'
import { worker as place } from '../place'
import type { Watched } from '../alerts/watcher'
import type { Due } from '../rollout/ramp'
import type { Beside, Copy, Detail, Effect, FromRun, PoolCount, Progress, RunStart, Snapshot, ToRun } from './messages'
import type { Outcome } from './outcomes'

export interface ThreadListener {
  frame: (frame: Frame, beside: Beside) => void
  snapshot: (snapshot: Snapshot) => void
  /** A run that was begun before may be seen again. */
  back: () => void
  ready: () => void
  /** A change of routing took effect in this present; and what came of it, as the run goes on. */
  changed: (revision: number, copy: Copy) => void
  outcome: (outcome: Outcome) => void
  /** A ramp has something to do where the run stands now. */
  due: () => void
  progress: (progress: Progress) => void
  watched: (watched: Watched) => void
  /** The thread ended by itself; nothing more comes. */
  failed: (cause: Error) => void
}

/** The run in its thread, as the rest of the server sees it. */
export interface Thread {
  /** Holds the run at a frame boundary, for a few seconds at most. */
  reserve(effect: Effect | null): Promise<Boundary>
  /** The same for what the run does by itself. */
  reserveOwn(): Promise<Boundary>
  count(): Promise<PoolCount>
  /** From now on, frames come with the figures of these pools. */
  watch(pools: number[]): void
  /** A pool as it is after the newest frame. */
  detail(wish: DetailWish): Promise<Detail>
  copy(): Promise<Copy>
  stop(): Promise<void>
}

export interface Boundary {
  /** The frame after which the run stands, and its simulated time [s]. */
  sequence: number
  time: number
  /** Why the effect that the boundary is for cannot be had then. */
  refusal: Refusal | null
  /** What a ramp has to do then. */
  due: Due | null
  /** Where requests go before and after a drain, or its end. */
  diversion: Diversion | null
  /** False if the run had to go on before this came; then nothing has changed. */
  commit(effect: Effect, entry: number): Promise<boolean>
  release(): void
}

export function startThread(start: RunStart, listener: ThreadListener): Thread {
  const thread = new Worker(place.code, {
    workerData: start,
    transferList: start.resumption?.snapshot?.parts,
    eval: place.eval,
    execArgv: [],
    name: 'simulation',
    // frames are short-lived: more room for them only lets the process grow
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
  })
  const waiting = new Map<string, { resolve: (message: FromRun) => void; reject: (cause: Error) => void }>()
  let asked = 0
  let ended: Error | null = null
  let stopping = false

  thread.on('message', hear)
  thread.on('error', fail)
  thread.on('exit', code => {
    if (!stopping) fail(new Error(`the simulation ended by itself (code ${code})`))
  })

  return {
    reserve: effect => reserve({ effect }),
    reserveOwn: () => reserve({ own: true }),
    count,
    watch,
    detail,
    copy,
    stop,
  }

  function hear(message: FromRun): void {
    if (message.kind === 'frame') return listener.frame(message.frame, message.beside)
    if (message.kind === 'snapshot') return listener.snapshot(message.snapshot)
    if (message.kind === 'back') return listener.back()
    if (message.kind === 'ready') return listener.ready()
    if (message.kind === 'due') return listener.due()
    if (message.kind === 'progress') return listener.progress(message.progress)
    if (message.kind === 'watched') return listener.watched(message.watched)
    if (message.kind === 'changed') return listener.changed(message.revision, message)
    if (message.kind === 'outcome') return listener.outcome(message.outcome)
    const key = `${message.kind} ${message.id}`
    waiting.get(key)?.resolve(message)
    waiting.delete(key)
  }

  async function reserve(wish: { effect?: Effect | null; own?: boolean }): Promise<Boundary> {
    const id = ++asked
    const reserved = await ask({ kind: 'reserve', id, ...wish }, 'reserved')
    if (reserved.kind !== 'reserved') throw new Error(`asked the run for a boundary, got ${reserved.kind}`)
    return {
      sequence: reserved.sequence,
      time: reserved.time,
      refusal: reserved.refusal,
      due: reserved.due,
      diversion: reserved.diversion,
      commit: async (effect, entry) => {
        const committed = await ask({ kind: 'commit', id, effect, entry }, 'committed')
        return committed.kind === 'committed' && committed.applied
      },
      release: () => thread.postMessage({ kind: 'release', id } satisfies ToRun),
    }
  }

  async function count(): Promise<PoolCount> {
    const counted = await ask({ kind: 'count', id: ++asked }, 'counted')
    if (counted.kind !== 'counted') throw new Error(`asked the run for totals, got ${counted.kind}`)
    return counted
  }

  function watch(pools: number[]): void {
    thread.postMessage({ kind: 'watch', pools } satisfies ToRun)
  }

  async function detail(wish: DetailWish): Promise<Detail> {
    const told = await ask({ kind: 'detail', id: ++asked, wish }, 'detailed')
    if (told.kind !== 'detailed') throw new Error(`asked the run for a detail, got ${told.kind}`)
    return told.detail
  }

  async function copy(): Promise<Copy> {
    const copied = await ask({ kind: 'copy', id: ++asked }, 'copied')
    if (copied.kind !== 'copied') throw new Error(`asked the run for its present, got ${copied.kind}`)
    return copied
  }

  function ask(
    message: Exclude<ToRun, { kind: 'watch' }>,
    answer: 'reserved' | 'committed' | 'counted' | 'detailed' | 'copied',
  ): Promise<FromRun> {
    if (ended) return Promise.reject(ended)
    return new Promise((resolve, reject) => {
      waiting.set(`${answer} ${message.id}`, { resolve, reject })
      thread.postMessage(message)
    })
  }

  function fail(cause: Error): void {
    if (ended) return
    ended = cause
    for (const { reject } of waiting.values()) reject(cause)
    waiting.clear()
    if (!stopping) listener.failed(cause)
  }

  async function stop(): Promise<void> {
    stopping = true
    fail(new Error('the server stops'))
    await thread.terminate()
  }
}
