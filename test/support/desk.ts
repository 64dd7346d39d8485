/** A run as its clients see it, without a network: the real door for commands, frames of the real simulation. */
import { createPinia, setActivePinia } from 'pinia'
import { useDraft } from '../../client/stores/draft'
import { useRun } from '../../client/stores/run'
import type { Connection, Listener } from '../../client/socket'
import { localAdmin } from '../../server/control/actor'
import { createBook } from '../../server/control/book'
import { createControl } from '../../server/control/control'
import type { CommandAnswer, Detail } from '../../server/protocol'
import {
  advance,
  createSimulation,
  fleets,
  inject,
  poolDetail,
  takeFrame,
  viewFleet,
  type DetailWish,
  type Fault,
  type FleetView,
  type Frame,
  type Routing,
} from '../../simulation/index'
import { buildHello } from './frames'
import { noApprovals } from './approvals'

export function openDesk() {
  const fleet = fleets.default
  if (!fleet) throw new Error('no default fleet')
  const simulation = createSimulation({ fleet, seed: 1 })
  advance(simulation, 4)
  const frame = takeFrame(simulation, 16)
  const pinia = createPinia()
  setActivePinia(pinia)
  const run = useRun()
  let listener: Listener | null = null
  let answer: CommandAnswer | null = null
  let wished: DetailWish | null = null
  let told: Detail | null = null
  const done: string[] = []
  let watching: (pools: number[]) => unknown = () => {}

  const reserve = () =>
    Promise.resolve({
      sequence: 32,
      time: 8,
      refusal: null,
      due: null,
      diversion: null,
      commit: () => Promise.resolve(true),
      release: () => {},
    })
  const control = createControl({
    fleet,
    book: createBook(fleet, 1),
    ...noApprovals,
    thread: { reserve, reserveOwn: reserve },
    back: Promise.resolve(),
    journal: { append: () => Promise.resolve(1), takeBack: () => Promise.resolve() },
    changed: change => listener?.routing(change),
    entered: (_, { command }) => void done.push(command.kind),
    paced: () => {},
  })
  const stop = run.start((next): Connection => {
    listener = next
    return {
      command: command =>
        answer ? Promise.resolve(answer) : control.submit(command, { actor: localAdmin, via: 'me' }),
      preview: () => Promise.resolve({ ok: true, superseded: true }),
      frames: () => Promise.resolve({ ok: true, from: 0, frames: [] }),
      watch: async pools => {
        watching(pools)
        return { ok: true, pools }
      },
      range: async () => ({ ok: false, error: { field: 'history', value: null, expected: 'a history' } }),
      moment: async () => ({ ok: false, error: { field: 'history', value: null, expected: 'a history' } }),
      detail: async wish => {
        wished = wish
        return { ok: true, pool: wish?.pool ?? null }
      },
      look: () => {},
      edit: () => Promise.resolve({ ok: true, mine: false, editing: null }),
      reconnect: () => {},
      close: () => {},
    }
  })
  const greet = (newest = frame) =>
    listener?.hello(
      buildHello({ fleet: viewFleet(fleet), routing: control.routing(), changes: control.changes(), frame: newest }),
    )
  greet()

  return {
    pinia,
    run,
    draft: useDraft(),
    control,
    /** A frame of the run after a fault. */
    frameAfter: (fault: Fault) => {
      inject(simulation, fault)
      advance(simulation, 5)
      return takeFrame(simulation, 20)
    },
    /** What the screen looks into now, and the server telling it. */
    wished: () => wished,
    tellDetail: () => {
      if (!wished) return
      told = { sequence: 16, ...poolDetail(simulation, wished) }
      listener?.detail(told)
    },
    told: () => told,
    befall: (fault: Fault) => {
      inject(simulation, fault)
      advance(simulation, 5)
    },
    greet,
    /** Another fleet, and who is told of the pools that are asked for. */
    greetFleet: (other: FleetView, newest: Frame, hear: (pools: number[]) => unknown) => {
      watching = hear
      listener?.hello(buildHello({ fleet: other, frame: newest, run: { ...buildHello().run, id: 'other' } }))
    },
    stop,
    /** Somebody else changes the routing. */
    other: (routing: Routing, reason?: string) =>
      control.submit(
        { kind: 'routing', baseRevision: control.routing().revision, routing, reason },
        { actor: localAdmin, via: 'other' },
      ),
    /** Kinds of the commands that took effect. */
    done: () => done,
    /** Every command from now on is answered with this. */
    answerWith: (next: CommandAnswer) => (answer = next),
  }
}
