import type { BucketCounts, Columns, Figure, FleetView, PoolMetric, PoolTotals } from '../../simulation/index'
import type { Board } from '../live/board'
import type { PoolCount } from '../live/messages'

/** A metric in Prometheus' text format: what it is, and a value per set of labels. */
interface Metric {
  name: string
  type: 'gauge' | 'counter' | 'histogram'
  help: string
  samples: Sample[]
}

interface Sample {
  /** After the metric's name, in a histogram. */
  part?: '_bucket' | '_count' | '_sum'
  labels?: Record<string, string>
  value: Figure
}

/**
 * The newest figures of all pools and the server's own counts in Prometheus' text format, under vLLM's names where vLLM has the metric.
 * All of the fleet is simulated, and so are its seconds.
 */
export function exposition(board: Board, { totals, figures }: PoolCount): string {
  return [
    ...poolMetrics(board.view, figures),
    ...totalMetrics(board.view, totals),
    ...alertMetrics(board.alerts),
    ...serverMetrics(board),
  ]
    .map(expose)
    .join('')
}

function poolMetrics(view: FleetView, pools: Columns<PoolMetric>): Metric[] {
  const perPool = (name: string, help: string, values: Figure[]): Metric => ({
    name,
    type: 'gauge',
    help,
    samples: view.pools.map((pool, index) => ({
      labels: { model_name: pool.model, pool: pool.id },
      value: values[index] ?? null,
    })),
  })
  return [
    perPool('vllm:num_requests_running', 'Requests in execution batches.', pools.running),
    perPool('vllm:num_requests_waiting', 'Requests waiting to be processed.', pools.waiting),
    perPool('vllm:kv_cache_usage_perc', 'Fraction of the KV cache in use, 0 to 1.', pools.kvUse),
    perPool(
      'headgate_generation_tokens_per_second',
      'Output tokens per simulated second over the window.',
      pools.outputTokens,
    ),
    perPool(
      'headgate_requests_rejected_per_second',
      'Requests rejected per simulated second over the window.',
      pools.rejected,
    ),
    perPool(
      'headgate_transferred_bytes_per_second',
      'KV cache that came from other pools per simulated second over the window.',
      pools.transferred,
    ),
    perPool(
      'headgate_prefix_hit_ratio',
      'Share of prompt tokens found in the prefix cache; absent where none came.',
      pools.prefixHitRate,
    ),
    perPool(
      'headgate_available_ratio',
      'Share of the replicas that are neither lost nor loading weights.',
      pools.available,
    ),
    perPool('headgate_power_watts', 'Power drawn; absent where no public figure exists.', pools.power),
    perPool(
      'headgate_carbon_grams_per_second',
      'Carbon of that power; absent where no public figure exists.',
      pools.carbon,
    ),
    perPool(
      'headgate_held_cost_dollars_per_second',
      'Cost of all provisioned chips; absent where no public price exists.',
      pools.heldCost,
    ),
    perPool('headgate_cost_dollars_per_second', 'Part of that for the chip time used.', pools.usedCost),
    perPool('headgate_idle_cost_dollars_per_second', 'The rest of it.', pools.idleCost),
    perPool('headgate_saturation_ratio', 'Nearness to the tightest limit of the pool, 0 to 1.', pools.saturation),
  ]
}

/** Since the start of the run. */
function totalMetrics(view: FleetView, pools: PoolTotals[]): Metric[] {
  const labels = view.pools.map(({ id, model }) => ({ model_name: model, pool: id }))
  const total = (name: string, help: string, value: (pool: PoolTotals) => Figure): Metric => ({
    name,
    type: 'counter',
    help,
    samples: pools.map((pool, index) => ({ labels: labels[index], value: value(pool) })),
  })
  const histogram = (name: string, help: string, value: (pool: PoolTotals) => BucketCounts): Metric => ({
    name,
    type: 'histogram',
    help,
    samples: pools.flatMap((pool, index) => bucketSamples(value(pool), labels[index])),
  })
  return [
    total('vllm:prompt_tokens_total', 'Prompt tokens processed.', pool => pool.promptTokens),
    total('vllm:generation_tokens_total', 'Output tokens generated.', pool => pool.outputTokens),
    total('vllm:request_success_total', 'Requests finished.', pool => pool.finished),
    total('vllm:num_preemptions_total', 'Preemptions.', pool => pool.preempted),
    histogram('vllm:time_to_first_token_seconds', 'Time to first token.', pool => pool.ttft),
    histogram('vllm:inter_token_latency_seconds', 'Time between tokens.', pool => pool.itl),
    histogram('vllm:e2e_request_latency_seconds', 'Time from arrival to the last token.', pool => pool.e2e),
    total('headgate_requests_arrived_total', 'Requests arrived.', pool => pool.arrived),
    total('headgate_requests_rejected_total', 'Requests rejected.', pool => pool.rejected),
    total('headgate_energy_joules_total', 'Energy drawn; 0 where no public figure exists.', pool => pool.energy),
  ]
}

function alertMetrics({ view, objectives }: Board['alerts']): Metric[] {
  const standings = objectives().objectives
  const perWorkload = (
    name: string,
    help: string,
    value: (standing: (typeof standings)[number]) => Figure,
  ): Metric => ({
    name,
    type: 'gauge',
    help,
    samples: standings.map(standing => ({ labels: { workload: standing.workload }, value: value(standing) })),
  })
  const { alerts, anomalies } = view()
  const severities = ['warning', 'critical'] as const
  return [
    perWorkload(
      'headgate_objective_ratio',
      'Share of requests that is to meet the objectives.',
      ({ target }) => target,
    ),
    perWorkload(
      'headgate_error_budget_left_ratio',
      'Part of the error budget of a period that is left; below 0 where more is spent.',
      ({ left }) => left,
    ),
    perWorkload(
      'headgate_error_budget_exhaustion_seconds',
      'Simulated time until nothing of it is left; absent where that is never.',
      ({ exhaustion }) => exhaustion,
    ),
    {
      name: 'headgate_burn_ratio',
      type: 'gauge',
      help: 'Error budgets used up per period, over a window of simulated seconds.',
      samples: standings.flatMap(({ workload, burns }) =>
        burns.map(({ seconds, rate }) => ({ labels: { workload, window: String(seconds) }, value: rate })),
      ),
    },
    {
      name: 'headgate_firing_alerts',
      type: 'gauge',
      help: 'Alerts that fire and are not silenced.',
      samples: severities.map(severity => ({
        labels: { severity },
        value: alerts.filter(each => each.severity === severity && each.state === 'firing' && each.silencedBy === null)
          .length,
      })),
    },
    gauge(
      'headgate_anomalies',
      'Figures that are unusual now.',
      anomalies.filter(({ until }) => until === null).length,
    ),
  ]
}

function bucketSamples({ borders, counts, count, sum }: BucketCounts, labels: Record<string, string> = {}): Sample[] {
  return [
    ...borders.map((border, i): Sample => ({
      part: '_bucket',
      labels: { ...labels, le: String(border) },
      value: counts[i] ?? 0,
    })),
    { part: '_bucket', labels: { ...labels, le: '+Inf' }, value: count },
    { part: '_count', labels, value: count },
    { part: '_sum', labels, value: sum },
  ]
}

function serverMetrics({ frames, pace, control, ready, counts, run }: Board): Metric[] {
  const frame = frames.newest()
  return [
    {
      name: 'headgate_run_info',
      type: 'gauge',
      help: 'The run: fleet, seed and trace.',
      samples: [
        { labels: { run: run.id, fleet: run.scenario, seed: String(run.seed), trace: run.trace ?? '' }, value: 1 },
      ],
    },
    gauge('headgate_ready', '1 once warmed up.', ready ? 1 : 0),
    gauge('headgate_simulated_time_seconds', 'Simulated time of the newest frame.', frame?.time ?? 0),
    counter('headgate_frames_total', 'Frames made; the sequence number of the newest.', frame?.sequence ?? 0),
    gauge('headgate_speed_ratio', 'Simulated seconds per second of wall time.', pace.paused ? 0 : pace.speed),
    gauge('headgate_behind_seconds', 'Lateness of the newest frame, in wall time.', pace.behind),
    counter('headgate_schedule_lost_seconds_total', 'Wall time by which the schedule of frames was moved.', pace.lost),
    gauge('headgate_routing_revision', 'Revision of the routing in force.', control.routing().revision),
    gauge('headgate_clients', 'Connected clients.', counts.clients),
    counter('headgate_commands_total', 'Commands received.', counts.commands),
    counter('headgate_refused_total', 'Commands and requests refused, stale revisions included.', counts.refused),
    counter('headgate_unanswerable_events_total', 'Events without an acknowledgement.', counts.unanswerable),
    counter('headgate_failures_total', 'Handlers that failed.', counts.failures),
    counter('headgate_frames_skipped_total', 'Frames not sent to a client that lagged.', counts.skippedFrames),
    gauge('headgate_lagging_clients', 'Clients that the newest frame left out.', counts.lagging),
    counter('headgate_floods_total', 'Connections ended for sending too much or reading too little.', counts.floods),
    counter(
      'headgate_turned_away_total',
      'Connections refused for their origin, host or an earlier flood.',
      counts.turnedAway,
    ),
    counter(
      'headgate_denied_total',
      'Requests, events and connections without a right token or with too little of a role.',
      counts.denied,
    ),
  ]
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, type: 'gauge', help, samples: [{ value }] }
}

function counter(name: string, help: string, value: number): Metric {
  return { name, type: 'counter', help, samples: [{ value }] }
}

function expose({ name, type, help, samples }: Metric): string {
  const known = samples.filter(({ value }) => value !== null)
  if (known.length === 0) return ''
  const lines = known.map(({ part = '', labels, value }) => `${name}${part}${labelsOf(labels)} ${value}`)
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n')
}

function labelsOf(labels: Record<string, string> = {}): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escape(value)}"`)
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
