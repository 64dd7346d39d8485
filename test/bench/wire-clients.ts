/** The other side of the wire: many clients in a process of their own, which read no JSON. */
import { setTimeout as wait } from 'node:timers/promises'
import { openBare, type BareClient } from '../support/bare-client'

export interface WireTask {
  port: number
  healthy: number
  /** They stop reading once they have frames. */
  frozen: number
  /** They send as much as they can, and come back when they are cut off. */
  hostile: number
  seconds: number
  /** Whether the healthy ones say what frames they have. */
  says: boolean
}

/** Said when all are there and their greetings are over, and at the end. */
export type WireWord =
  | { kind: 'begun' }
  /** `delays`: from the taking of each frame to its coming to each healthy client [ms]. `cut`: how often hostile ones were. */
  | { kind: 'ended'; delays: number[]; frames: number; cut: number; lost: number }

const settlingMs = 5000
const returnMs = 1000
/** They come from an address of their own, which is refused when they are cut off. */
const hostileAddress = '127.0.0.2'

if (process.send)
  process.once('message', (task: WireTask) => {
    measure(task).catch((cause: unknown) => {
      process.stderr.write(`${String(cause)}\n`)
      process.exit(1)
    })
  })

async function measure({ port, healthy, frozen, hostile, seconds, says }: WireTask): Promise<void> {
  const delays: number[] = []
  const counts = { frames: 0, cut: 0, lost: 0 }
  let phase: 'before' | 'measured' | 'over' = 'before'
  const take = (_: number, taken: number) => {
    if (phase !== 'measured') return
    counts.frames++
    delays.push(performance.timeOrigin + performance.now() - taken)
  }
  const lose = () => void (phase === 'over' || counts.lost++)
  await join(healthy, frame => openBare({ port, frame, says, ended: lose }), take)
  const sleepers = await join(
    frozen,
    frame => openBare({ port, frame }),
    () => {},
  )
  for (const client of sleepers) client.freeze()
  for (let index = 0; index < hostile; index++) attack()
  await wait(settlingMs)
  phase = 'measured'
  say({ kind: 'begun' })
  await wait(seconds * 1000)
  phase = 'over'
  say({ kind: 'ended', delays, ...counts })

  function attack(): void {
    const client = openBare({
      port,
      from: hostileAddress,
      greeted: () => flood(client),
      ended: () => {
        if (phase === 'over') return
        counts.cut++
        setTimeout(attack, returnMs)
      },
    })
  }
}

/** A few at a time, each of which has had a frame before more come; then every frame is taken. */
async function join(
  count: number,
  open: (heard: (sequence: number, taken: number) => void) => BareClient,
  take: (sequence: number, taken: number) => void,
): Promise<BareClient[]> {
  const clients: BareClient[] = []
  while (clients.length < count) {
    const some = Array.from({ length: Math.min(20, count - clients.length) }, () => {
      let heard = () => {}
      const first = new Promise<void>(resolve => (heard = resolve))
      const client = open((sequence, taken) => {
        heard()
        take(sequence, taken)
      })
      return { client, first }
    })
    await Promise.all(some.map(({ first }) => first))
    clients.push(...some.map(({ client }) => client))
  }
  return clients
}

function flood(client: BareClient): void {
  if (client.closed()) return
  for (let count = 0; count < 100; count++) client.send('42["x"]')
  setTimeout(() => flood(client), 1)
}

function say(word: WireWord): void {
  process.send?.(word)
}
