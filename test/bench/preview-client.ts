/** A process of its own: an operator who drags, and notes when frames come. */
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { io, type Socket } from 'socket.io-client'
import type { ClientEvents, Hello, ServerEvents } from '../../server/protocol'
import { acknowledgeFrames } from '../support/acknowledge'
import type { Routing } from '../../simulation/index'

export interface PreviewTask {
  url: string
  drags: number
  steps: number
  stepMs: number
  restMs: number
}

/** [ms]: from the last draft of a drag to its first and to its whole answer; how late frames came, in a quiet time and in drags. */
export interface PreviewMeasure {
  answers: number[]
  wholes: number[]
  quiet: number[]
  late: number[]
}

const frameMs = 250
const quietMs = 15_000

if (process.send) {
  process.once('message', task => {
    measure(task as PreviewTask).then(
      answer => process.send?.(answer),
      cause => {
        process.stderr.write(`${String(cause)}\n`)
        process.exit(1)
      },
    )
  })
}

async function measure({ url, drags, steps, stepMs, restMs }: PreviewTask): Promise<PreviewMeasure> {
  const socket: Socket<ServerEvents, ClientEvents> = io(url, { transports: ['websocket'] })
  acknowledgeFrames(socket)
  const hello = await new Promise<Hello>(resolve => socket.once('hello', resolve))
  const frames: { sequence: number; at: number }[] = []
  socket.on('frame', ({ sequence }) => frames.push({ sequence, at: performance.now() }))
  await socket.emitWithAck('look', { place: '/route' })
  await wait(quietMs)
  const quiet = frames.length
  const answers: number[] = []
  const wholes: number[] = []
  for (let drag = 0; drag < drags; drag++) {
    for (let step = 1; step < steps; step++) {
      void socket.emitWithAck('preview', { routing: draft(hello.routing.routing, drag, step / steps) })
      await wait(stepMs)
    }
    const start = performance.now()
    const whole = new Promise(resolve => socket.on('forecast', told => told.whole && resolve(told)))
    const first = await socket.emitWithAck('preview', { routing: draft(hello.routing.routing, drag, 1) })
    if (!first.ok || 'superseded' in first) throw new Error(`no answer: ${JSON.stringify(first).slice(0, 300)}`)
    answers.push(performance.now() - start)
    // every other draft is looked at until all is known
    if (drag % 2 === 0) {
      await whole
      wholes.push(performance.now() - start)
    } else await wait(restMs)
  }
  socket.disconnect()
  // frames are due on a grid; where it lies, the quiet time tells
  const offsets = frames.map(({ sequence, at }) => at - sequence * frameMs)
  const grid = offsets.slice(0, quiet).toSorted((a, b) => a - b)[Math.floor(quiet / 2)] ?? 0
  const late = offsets.map(offset => Math.max(0, offset - grid))
  return { answers, wholes, quiet: late.slice(0, quiet), late: late.slice(quiet) }
}

/** A part of a twentieth moved from one route of a workload to the next; another one each drag. */
function draft(routing: Routing, drag: number, part: number): Routing {
  const movable = Object.entries(routing).filter(([, routes]) => routes.length > 1)
  const [id, routes] = movable[drag % movable.length] ?? ['', []]
  const from = routes.findIndex(({ share }) => share > 0.05)
  const to = (from + 1) % routes.length
  const amount = Math.round(50 * part) / 1000
  return {
    [id]: routes.map((route, index) => ({
      ...route,
      share: route.share + (index === to ? amount : 0) - (index === from ? amount : 0),
    })),
  }
}
