import request from 'supertest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, next, startTestServer, type TestServer } from '../support/server'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

/** Reads Prometheus' text format, and fails on what is not. */
function parse(text: string): { types: Map<string, string>; samples: Sample[] } {
  expect(text.endsWith('\n')).toBe(true)
  const types = new Map<string, string>()
  const samples: Sample[] = []
  for (const line of text.trimEnd().split('\n')) {
    const [, type, kind] = /^# TYPE ([a-z0-9:_]+) (gauge|counter|histogram)$/.exec(line) ?? []
    if (type && kind) {
      expect(types.has(type), `${type} is described once`).toBe(false)
      types.set(type, kind)
    } else if (!/^# HELP [a-z0-9:_]+ \S/.test(line)) {
      const [, name = '', , labels = '', value = ''] = /^([a-z0-9:_]+)(\{(.*)\})? (\S+)$/.exec(line) ?? []
      expect(types.has(name) || types.get(name.replace(/_(bucket|count|sum)$/, '')) === 'histogram', line).toBe(true)
      expect(Number.isFinite(Number(value)), line).toBe(true)
      const pairs = [...labels.matchAll(/([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/g)]
      expect(pairs.map(([pair]) => pair).join('')).toBe(labels)
      samples.push({
        name,
        labels: Object.fromEntries(pairs.map(([, label, text]) => [label, text])),
        value: Number(value),
      })
    }
  }
  const series = samples.map(({ name, labels }) => JSON.stringify([name, labels]))
  expect(new Set(series).size).toBe(series.length)
  return { types, samples }
}

async function read() {
  const { text } = await request(server.url)
    .get('/metrics')
    .expect(200)
    .expect('Content-Type', /^text\/plain; version=0\.0\.4/)
  return parse(text)
}

test('metrics are Prometheus text, by pool and model under the names of vLLM', async () => {
  const { types, samples } = await read()
  for (const name of ['vllm:num_requests_running', 'vllm:num_requests_waiting', 'vllm:kv_cache_usage_perc']) {
    expect(types.get(name)).toBe('gauge')
    const pools = samples.filter(sample => sample.name === name)
    expect(pools.map(({ labels }) => labels.pool)).toContain('b200-chat')
    expect(pools.every(({ labels }) => labels.model_name)).toBe(true)
  }
})

test('what pools cost is what was used and what was idle, and all of their replicas are there', async () => {
  const { types, samples } = await read()
  const of = (name: string) => {
    expect(types.get(name)).toBe('gauge')
    return samples.find(sample => sample.name === name && sample.labels.pool === 'b200-chat')?.value ?? NaN
  }
  const [used, idle] = [of('headgate_cost_dollars_per_second'), of('headgate_idle_cost_dollars_per_second')]
  expect(used).toBeGreaterThan(0)
  expect(used + idle).toBeCloseTo(of('headgate_held_cost_dollars_per_second'), 3)
  expect(of('headgate_carbon_grams_per_second')).toBeGreaterThan(0)
  expect(of('headgate_available_ratio')).toBe(1)
})

test('names of the project say the unit', async () => {
  const { types } = await read()
  const units =
    /_(seconds|bytes|watts|grams|dollars|joules|ratio|second|tokens|total|info|revision|clients|ready|requests|alerts|anomalies)$/
  for (const name of types.keys()) if (name.startsWith('headgate_')) expect(name).toMatch(units)
  for (const [name, type] of types) if (type === 'counter') expect(name).toMatch(/_total$/)
})

test('counters are the totals of the run and never fall', async () => {
  const counted = (samples: Sample[], name: string) =>
    samples.filter(sample => sample.name === name).reduce((sum, { value }) => sum + value, 0)
  const { socket, hello } = await connect(server.url)
  const first = await read()
  await next(socket, 'frame', frame => frame.sequence > (hello.frame?.sequence ?? 0) + 4)
  const second = await read()
  // one that was not yet waiting to be shown when the counters were read
  const newest = counted(second.samples, 'headgate_frames_total')
  const frame = await next(socket, 'frame', ({ sequence }) => sequence > newest + 8)
  socket.disconnect()
  for (const [name, total] of [
    ['vllm:prompt_tokens_total', 'promptTokens'],
    ['vllm:generation_tokens_total', 'outputTokens'],
    ['vllm:request_success_total', 'finished'],
    ['headgate_energy_joules_total', 'energy'],
  ] as const) {
    expect(first.types.get(name)).toBe('counter')
    expect(counted(first.samples, name)).toBeGreaterThanOrEqual(hello.frame?.totals[total] ?? NaN)
    expect(counted(second.samples, name)).toBeGreaterThanOrEqual(counted(first.samples, name))
    expect(frame.totals[total]).toBeGreaterThanOrEqual(counted(second.samples, name))
  }
  expect(counted(second.samples, 'headgate_frames_total')).toBeGreaterThan(
    counted(first.samples, 'headgate_frames_total'),
  )
})

test('latencies are histograms whose buckets rise to the count, with the requests behind them', async () => {
  const { types, samples } = await read()
  const of = (name: string, pool: string) =>
    samples.filter(sample => sample.name === name && sample.labels.pool === pool)
  for (const name of ['time_to_first_token', 'inter_token_latency', 'e2e_request_latency']) {
    const metric = `vllm:${name}_seconds`
    expect(types.get(metric)).toBe('histogram')
    const buckets = of(`${metric}_bucket`, 'b200-chat').map(({ value }) => value)
    expect(buckets).toEqual([...buckets].sort((a, b) => a - b))
    expect(of(`${metric}_bucket`, 'b200-chat').at(-1)?.labels.le).toBe('+Inf')
    expect(of(`${metric}_count`, 'b200-chat')[0]?.value).toBe(buckets.at(-1))
  }
  const finished = of('vllm:request_success_total', 'b200-chat')[0]?.value ?? NaN
  expect(finished).toBeGreaterThan(0)
  expect(of('vllm:e2e_request_latency_seconds_count', 'b200-chat')[0]?.value).toBe(finished)
  const mean = (of('vllm:e2e_request_latency_seconds_sum', 'b200-chat')[0]?.value ?? NaN) / finished
  expect(mean).toBeGreaterThan(0.3)
  expect(mean).toBeLessThan(30)
})

test('refusals and clients are counted', async () => {
  const value = async (name: string) => (await read()).samples.find(sample => sample.name === name)?.value ?? NaN
  const refused = await value('headgate_refused_total')
  const { routing } = (await request(server.url).get('/api/v1/routing')).body
  await request(server.url).put('/api/v1/routing').send({ revision: 99, routing }).expect(409)
  await request(server.url).put('/api/v1/routing').send({ revision: 'x', routing: {} }).expect(400)
  expect(await value('headgate_refused_total')).toBe(refused + 2)
  const { socket } = await connect(server.url)
  expect(await value('headgate_clients')).toBe(1)
  socket.disconnect()
})
