/** Small explicit builders of what the server sends. Figures are made up and smooth; a test overrides what it is about. */
import type { Hello, History } from '../../server/protocol'
import type { FleetView, Frame, PoolView, Routing, WorkloadView } from '../../simulation/index'

const families: FleetView['families'] = [
  { id: 'blackwell', name: 'Blackwell', chips: 96 },
  { id: 'trainium', name: 'Trainium', chips: 64 },
  { id: 'hopper', name: 'Hopper', chips: 32 },
]

/** Chat on three families, ranking on one; recommendation does not fit elsewhere. */
export function buildFleet(change: Partial<FleetView> = {}): FleetView {
  return {
    id: 'small',
    name: 'Small region',
    note: 'made up',
    epoch: '2027-04-14T13:00:00Z',
    pricing: 'ownership',
    systems: [],
    families,
    workloads: [
      buildWorkload('chat', 'Chat'),
      buildWorkload('ranking', 'Ranking', { kind: 'single-shot', objectives: { e2e: 0.03 } }),
    ],
    pools: [
      buildPool('b200-chat', 0),
      buildPool('b300-chat', 0),
      buildPool('trn2-chat', 1, { basis: 'modelled', basisNote: 'modelled from Trainium1; no public measurement' }),
      buildPool('trn1-ranking', 1),
      buildPool('h100-chat', 2, { chipHour: null, chipPower: null }),
    ],
    flows: [
      { workload: 0, pool: 0 },
      { workload: 0, pool: 1 },
      { workload: 0, pool: 2 },
      { workload: 0, pool: 4 },
      { workload: 1, pool: 3 },
    ],
    impossible: [{ workload: 1, family: 0, cause: 'no pool serves this model' }],
    ...change,
  }
}

export function buildWorkload(id: string, name: string, change: Partial<WorkloadView> = {}): WorkloadView {
  return {
    id,
    name,
    tenant: 'own product',
    kind: 'tokens',
    model: 'llama-3.1-70b',
    modelName: 'Llama 3.1 70B',
    objectives: { ttft: 0.5, tpot: 0.05 },
    price: {},
    ...change,
  }
}

export function buildPool(id: string, family: number, change: Partial<PoolView> = {}): PoolView {
  return {
    id,
    family,
    chip: id.split('-')[0] ?? id,
    chipName: id.split('-')[0] ?? id,
    system: 'HGX node',
    zone: 'east-1',
    model: 'llama-3.1-70b',
    modelName: 'Llama 3.1 70B',
    precision: 'fp8',
    engine: 'vllm',
    replicas: 8,
    chips: 32,
    maxSequences: 256,
    kvCapacity: 1e6,
    basis: 'measured',
    basisNote: 'measured: made up',
    chipHour: { value: 3, basis: 'list price', source: 'made up' },
    chipPower: { value: 1000, basis: 'vendor', source: 'made up' },
    gridCarbon: { value: 1e-4, basis: 'estimate', source: 'made up' },
    ...change,
  }
}

export function buildFrame(fleet: FleetView, sequence = 1, change: Partial<Frame> = {}): Frame {
  const wave = (row: number) => 1 + 0.05 * Math.sin(sequence / 23 + row)
  const rows = (length: number, base: number) => Array.from({ length }, (_, row) => (base * wave(row)) / (1 + row / 4))
  const service = (length: number) => ({
    finished: rows(length, 40),
    promptTokens: rows(length, 40_000),
    outputTokens: rows(length, 24_000),
    running: rows(length, 900),
    waiting: rows(length, 12),
    transferring: rows(length, 0),
    rejected: rows(length, 0),
    cancelled: rows(length, 0),
    ttftP50: rows(length, 0.12),
    ttftP95: rows(length, 0.34),
    ttftCount: rows(length, 2400),
    itlP50: rows(length, 0.014),
    itlP95: rows(length, 0.031),
    itlCount: rows(length, 90_000),
    usedCost: rows(length, 0.02),
    costPerMtok: rows(length, 0.74),
  })
  const chips = (length: number) => ({
    power: rows(length, 240_000),
    carbon: rows(length, 24),
    energyPerToken: rows(length, 2.1),
    heldCost: rows(length, 0.03),
    idleCost: rows(length, 0.01),
    saturation: rows(length, 0.81),
    busy: rows(length, 0.9),
  })
  const first = (columns: Record<string, number[]>) =>
    Object.fromEntries(Object.entries(columns).map(([metric, column]) => [metric, column[0] ?? null]))
  const { workloads, pools, flows } = fleet
  return {
    sequence,
    time: sequence / 4,
    window: 60,
    revision: 1,
    totals: {
      arrived: 0,
      finished: 0,
      running: 0,
      waiting: 0,
      transferring: 0,
      rejected: 0,
      cancelled: 0,
      preempted: 0,
      promptTokens: 0,
      outputTokens: 0,
      energy: 0,
      carbon: 0,
    },
    fleet: {
      ...(first({ ...service(1), ...chips(1) }) as Frame['fleet']),
      arrived: 41 * wave(1),
      goodput: 39.4 * wave(0),
      attainment: 0.981,
      ttftP95Low: 0.33,
      ttftP95High: 0.35,
      itlP95Low: 0.0305,
      itlP95High: 0.0315,
      heldCost: 0.9,
      idlePower: 60_000,
      idleCarbon: 6,
      revenue: 0.4,
      costCoverage: 0.86,
      powerCoverage: 1,
    },
    families: { ...service(fleet.families.length), ...chips(fleet.families.length) },
    workloads: {
      ...service(workloads.length),
      arrived: rows(workloads.length, 41),
      goodput: rows(workloads.length, 39),
      attainment: rows(workloads.length, 0.98),
      ttftP99: rows(workloads.length, 0.6),
      e2eP50: rows(workloads.length, 3),
      e2eP95: rows(workloads.length, 9),
      tpotP95: rows(workloads.length, 0.03),
      revenue: rows(workloads.length, 0.2),
      margin: rows(workloads.length, 0.1),
      marginPerMtok: rows(workloads.length, 0.3),
      power: rows(workloads.length, 90_000),
      carbon: rows(workloads.length, 9),
      energyPerToken: rows(workloads.length, 1.4),
      trainedTokens: workloads.map(() => null),
      lostTokens: workloads.map(() => null),
    },
    pools: {
      ...service(pools.length),
      ...chips(pools.length),
      replicas: fleet.pools.map(pool => pool.replicas),
      available: rows(pools.length, 1),
      drained: rows(pools.length, 0),
      batch: rows(pools.length, 60),
      kvUse: rows(pools.length, 0.6),
      computeUtilisation: rows(pools.length, 0.4),
      memoryUtilisation: rows(pools.length, 0.5),
      prefixHitRate: rows(pools.length, 0.2),
      preemptions: rows(pools.length, 0),
      transferred: rows(pools.length, 0),
    },
    flows: {
      requests: rows(flows.length, 40),
      outputTokens: flows.map(flow => (workloads[flow.workload]?.kind === 'tokens' ? 12_000 : 0)),
    },
    ...change,
  }
}

export function buildHistory(time: number[] = []): History {
  return { time, fleet: {}, families: [], workloads: [], pools: [] }
}

export function buildHello(change: Partial<Hello> = {}): Hello {
  const fleet = change.fleet ?? buildFleet()
  const routing: Routing = { chat: [{ prefill: 'b200-chat', decode: 'b200-chat', share: 1 }] }
  return {
    you: { name: 'local', role: 'admin', session: 1 },
    approvals: { above: null, within: 600, waiting: [] },
    presence: { people: [], more: 0, editing: null },
    run: { id: 'run-1', seed: 7, scenario: 'small', trace: null, started: '2027-04-14T13:00:00Z' },
    fleet,
    routing: { revision: 1, routing, mirrors: {} },
    changes: [],
    scores: [],
    history: buildHistory(),
    ramp: null,
    pace: { speed: 1, paused: false, behind: 0, lost: 0 },
    alerts: { alerts: [], silences: [], rules: [], past: [], anomalies: [] },
    objectives: { objectives: [], values: {} },
    frame: null,
    taken: null,
    ...change,
  }
}
