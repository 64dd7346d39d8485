import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlertAct } from '../../server/alerts/act'
import type { AlertRule } from '../../server/alerts/rule'
import { createFeed } from '../../server/live/feed'
import type { Effect, FromRun, Resumption, RunPlan, Snapshot } from '../../server/live/messages'
import { createRun } from '../../server/live/run'
import { startShards } from '../../server/live/shards'
import { packState, unpackState } from '../../server/live/state'
import { inspectTrace } from '../../server/live/trace-file'
import { advance, createSimulation, revive, takeFrame, withTrace, type Frame } from '../../simulation/index'
import { smallFleet } from '../support/server'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'headgate-resume-'))))
afterAll(() => rm(folder, { recursive: true }))

test('a packed state is the same state, and shares no memory with it', () => {
  const simulation = createSimulation({ fleet: smallFleet(), seed: 3 })
  advance(simulation, 30)
  const again = revive(unpackState(packState(simulation)) as typeof simulation)
  expect(again).toStrictEqual(simulation)
  const frame = takeFrame(simulation, 1)
  advance(again, 60)
  expect(takeFrame(simulation, 1)).toEqual(frame)
  advance(simulation, 60)
  expect(takeFrame(again, 2)).toEqual(takeFrame(simulation, 2))
})

/** A run whose every stretch seems dear, so that it takes snapshots often, up to its last frame. */
async function drive(plan: RunPlan, frames: number, resumption: Resumption | null) {
  let clock = 0
  const shown: Frame[] = []
  const snapshots: Snapshot[] = []
  const watched: Extract<FromRun, { kind: 'watched' }>['watched'][] = []
  const post = (message: FromRun) => {
    if (message.kind === 'frame') shown.push(message.frame)
    if (message.kind === 'watched') watched.push(message.watched)
    if (message.kind === 'snapshot') snapshots.push(structuredClone(message.snapshot))
    if (shown.at(-1)?.sequence === frames) run.stop()
  }
  const shards = startShards({ fleet: plan.fleet, seed: plan.seed }, 1, resumption?.snapshot)
  const slow: typeof shards = { ...shards, advance: time => ((clock += 500), shards.advance(time)) }
  const run = createRun(slow, plan.speed, {
    post,
    clock: { now: () => clock, after: (_, call) => (setImmediate(call), () => {}) },
    feed: createFeed(shards.simulation, plan),
    warmUp: 5,
    resumption,
  })
  await run.drive()
  return { shown, snapshots, watched }
}

const effects: Resumption['effects'] = [
  { entry: 1, sequence: 8, effect: { kind: 'pace', speed: 8 } },
  {
    entry: 3,
    sequence: 20,
    effect: {
      kind: 'routing',
      revision: 2,
      routing: { chat: [{ prefill: 'b200-chat', decode: 'b200-chat', share: 1 }] },
    },
  },
  { entry: 4, sequence: 20, effect: { kind: 'act', act: { kind: 'drain', pool: 'h100-code' } } },
]

test.each(['statistics', 'a trace'])(
  'with traffic from %s, from any snapshot the frames are those from the start',
  async traffic => {
    const file = join(folder, 'trace.csv')
    const lines = Array.from(
      { length: 50 },
      (_, i) => `2023-11-16 18:00:${String(i).padStart(2, '0')}.0000000,${100 + i},10`,
    )
    await writeFile(file, ['TIMESTAMP,ContextTokens,GeneratedTokens', ...lines].join('\n'))
    const trace = traffic === 'a trace' ? { file, checked: await inspectTrace(file), workload: 'chat', scale: 3 } : null
    const fleet = trace ? withTrace(smallFleet(), 'chat', 3) : smallFleet()
    const plan = { fleet, seed: 4, speed: 1, threads: 1, trace }
    const { shown, snapshots } = await drive(plan, 40, { snapshot: null, effects, horizon: 40 })
    expect(shown.map(({ sequence }) => sequence)).toEqual(shown.map((_, index) => index + 1))
    expect(shown.at(-1)?.revision).toBe(2)
    expect(snapshots.length).toBeGreaterThan(3)
    for (const snapshot of snapshots) {
      const since = effects.filter(({ entry }) => entry > snapshot.entry)
      const again = await drive(plan, 40, { snapshot, effects: since, horizon: 40 })
      expect(again.shown).toEqual(shown.slice(snapshot.sequence - 1))
    }
  },
)

test('from any snapshot alerts, silences and burn rates are those from the start', async () => {
  const plan = { fleet: smallFleet(), seed: 4, speed: 8, threads: 1, trace: null }
  const alert = (act: AlertAct): Effect => ({ kind: 'alert', act, id: act.kind, by: 'omar', reason: 'known' })
  const rule: AlertRule = { rule: 'busy', metric: 'replicas', pool: '*', above: 1, for: 5, severity: 'warning' }
  const acts: Resumption['effects'] = [
    { entry: 1, sequence: 8, effect: alert({ kind: 'alert-rule', rule }) },
    { entry: 2, sequence: 9, effect: { kind: 'act', act: { kind: 'drain', pool: 'h100-code' } } },
    { entry: 3, sequence: 20, effect: alert({ kind: 'acknowledge', alert: 'busy/h200-chat' }) },
    { entry: 4, sequence: 22, effect: alert({ kind: 'silence', matcher: { pool: 'h200-chat' }, duration: 20 }) },
    { entry: 5, sequence: 24, effect: alert({ kind: 'objective', workload: 'chat', target: 0.9, period: 43_200 }) },
  ]
  const whole = await drive(plan, 45, { snapshot: null, effects: acts, horizon: 45 })
  const tell = ({ watched }: typeof whole) => ({
    alerts: watched.findLast(({ alerts }) => alerts !== null)?.alerts,
    objectives: watched.at(-1)?.objectives,
  })
  const told = tell(whole)
  expect(told.alerts?.alerts.find(({ id }) => id === 'busy/h200-chat')).toMatchObject({
    state: 'firing',
    acknowledged: { by: 'omar', reason: 'known' },
  })
  expect(told.objectives?.objectives[0]?.burns[1]?.rate).not.toBeNull()
  expect(whole.snapshots.length).toBeGreaterThan(3)
  for (const snapshot of whole.snapshots.filter((_, index) => index % 4 === 0)) {
    const since = acts.filter(({ entry }) => entry > snapshot.entry)
    // as it comes from the disk
    const read = { ...snapshot, watch: JSON.parse(JSON.stringify(snapshot.watch)) }
    const again = tell(await drive(plan, 45, { snapshot: read, effects: since, horizon: 45 }))
    expect(again.objectives).toEqual(told.objectives)
    expect(withoutFigures(again.alerts)).toEqual(withoutFigures(told.alerts))
  }
}, 600_000)

/** Figures of alerts that go on are told beside them. */
function withoutFigures(alerts: unknown): unknown {
  return JSON.parse(
    JSON.stringify(alerts, (key, value: unknown) => (['value', 'worst'].includes(key) ? undefined : value)),
  )
}

test('a run that stood still when it ended stands still again, though it might have been shown further', async () => {
  const plan = { fleet: smallFleet(), seed: 4, speed: 1, threads: 1, trace: null }
  const rest: Resumption['effects'] = [{ entry: 1, sequence: 12, effect: { kind: 'pace', paused: true } }]
  let shown = 0
  const run = createRun(startShards({ fleet: plan.fleet, seed: 4 }, 1), 1, {
    post: message => {
      if (message.kind === 'frame') shown = message.frame.sequence
      if (message.kind === 'ready') run.stop()
    },
    clock: { now: () => 0, after: () => () => {} },
    warmUp: 5,
    resumption: { snapshot: null, effects: rest, horizon: 30 },
  })
  await run.drive()
  expect(shown).toBe(12)
})

test('an entry of the journal that comes too late ends the run rather than being left out', async () => {
  const plan = { fleet: smallFleet(), seed: 4, speed: 1, threads: 1, trace: null }
  const [first, , last] = effects
  if (!first || !last) throw new Error('no effects')
  const swapped = { snapshot: null, effects: [last, first], horizon: 40 }
  await expect(drive(plan, 40, swapped)).rejects.toThrow('entry 1 of the journal comes too late')
})
