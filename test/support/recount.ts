import type { Simulation } from '../../simulation/index'
import { isCopy } from '../../simulation/serving/copies'
import { blocksOf, exactBlocks } from '../../simulation/serving/kv-cache'
import {
  entry,
  firstKey,
  HOLDERS,
  IDLE_BLOCKS,
  list,
  LITTER,
  LITTER_AFTER,
  NEWER,
  NEWEST,
  OLDER,
  OLDEST,
  REPLICA,
  SIZE,
} from '../../simulation/serving/prefix-cache'
import {
  BATCH_HEAD,
  CONTEXT,
  DECODING,
  HEAP,
  INBOX_HEAD,
  int,
  JOINED,
  PARTIAL,
  PHASE,
  PREFILL,
  real,
  STEPS,
  WAITING,
} from '../../simulation/serving/replicas'
import {
  CACHED,
  FLOW,
  GENERATED,
  GROUP,
  NEXT,
  NONE,
  OUTPUT,
  PROMPT,
  USER,
  read,
} from '../../simulation/serving/requests'
import { BINS } from '../../simulation/telemetry/histogram'
import { allSamples, binsOf, inFlight, ITL, TTFT } from '../../simulation/telemetry/telemetry'

const blockSize = 16

/**
 * Counts everything anew from the lists of requests and cache entries, and says in words where a figure that the engine
 * keeps up to date by events differs; empty if all is as it should be.
 */
export function faultsOf(simulation: Simulation): string[] {
  const { fleet } = simulation
  const flows = [...simulation.flows, ...simulation.mirrored]
  const { requests, replicas, running, telemetry, prefixes, network } = fleet
  const faults: string[] = []
  const expect = (what: string, kept: number, counted: number): void => {
    if (kept !== counted) faults.push(`${what}: ${kept} kept, ${counted} counted`)
  }
  const seen = new Map<number, string>()
  const present = flows.map(() => 0)
  const inBatch = flows.map(() => 0)
  const holders = new Map<number, number>()
  let idleEntries = 0

  function meet(request: number, place: string): void {
    const before = seen.get(request)
    if (before !== undefined) faults.push(`request ${request} is ${before} and ${place}`)
    seen.set(request, place)
    const flow = read(requests, FLOW, request)
    present[flow] = (present[flow] ?? 0) + 1
    if (place === 'running') inBatch[flow] = (inBatch[flow] ?? 0) + 1
  }
  function chain(head: number): number[] {
    const found: number[] = []
    for (let request = head; request !== NONE; request = read(requests, NEXT, request)) found.push(request)
    return found
  }

  for (const pool of fleet.own) {
    for (let i = 0; i < pool.replicas; i++) {
      const replica = pool.first + i
      const name = `${pool.id}[${i}]`
      const inbox = chain(int(replicas, INBOX_HEAD, replica) ?? NONE)
      const queued: number[] = []
      for (let level = 0; level < pool.levels; level++)
        queued.push(...chain(replicas.waitingHead[pool.firstQueue + i * pool.levels + level] ?? NONE))
      const batch = chain(int(replicas, BATCH_HEAD, replica) ?? NONE)
      const partial = int(replicas, PARTIAL, replica) ?? NONE
      const prefilling = partial === NONE ? batch : [...batch, partial]
      const offset = int(replicas, HEAP, replica)
      const decoding = Array.from(running.request.subarray(offset, offset + int(replicas, DECODING, replica)))
      for (const request of chain(int(replicas, JOINED, replica)))
        if (!decoding.includes(request)) faults.push(`${name} does not decode request ${request}, which has joined it`)
      for (const request of inbox) meet(request, 'in the inbox')
      for (const request of queued) meet(request, 'waiting')
      for (const request of [...prefilling, ...decoding]) meet(request, 'running')
      const together = inbox.length + queued.length + prefilling.length + decoding.length
      expect(`${name} outstanding`, replicas.outstanding[replica] ?? 0, together)
      expect(`${name} waiting`, int(replicas, WAITING, replica) ?? 0, queued.length)
      if (queued.length > pool.queueLimit + pool.maxSequences) faults.push(`${name} queue of ${queued.length}`)
      if (pool.serving.kind !== 'tokens') continue
      if (prefilling.length + decoding.length > pool.maxSequences) faults.push(`${name} runs too many`)
      if (batch.length > 0 && int(replicas, PHASE, replica) !== PREFILL)
        faults.push(`${name} has a batch without a prefill`)

      // as of the start of the stretch under way
      let context = 0
      let blocks = 0
      for (const request of decoding) {
        const position = offset + decoding.indexOf(request)
        const left = (running.finish[position] ?? 0) - (real(replicas, STEPS, replica) ?? 0)
        const held = read(requests, PROMPT, request) + read(requests, OUTPUT, request) - left - 1
        if (left < 1) faults.push(`${name} still runs request ${request}, which is done`)
        context += held
        blocks += blocksOf(held) - read(requests, CACHED, request) / blockSize
      }
      for (const request of prefilling) {
        const length = read(requests, PROMPT, request) + read(requests, GENERATED, request)
        blocks += blocksOf(length) - read(requests, CACHED, request) / blockSize
      }
      for (const request of [...prefilling, ...decoding]) {
        if (read(requests, CACHED, request) === 0) continue
        const group = (fleet.flows.firstGroup[read(requests, FLOW, request)] ?? 0) + read(requests, GROUP, request)
        const key = firstKey(pool, replica) + group
        if (entry(prefixes, SIZE, key) === 0) faults.push(`${name} lacks the prefix of request ${request}`)
        holders.set(key, (holders.get(key) ?? 0) + 1)
      }
      for (const transfer of network.transfers) if (transfer.replica === replica) blocks += transfer.blocks
      for (let key = pool.firstKey + i * pool.groups; key < pool.firstKey + (i + 1) * pool.groups; key++) {
        if (entry(prefixes, HOLDERS, key) > 0) blocks += entry(prefixes, SIZE, key)
        expect(`holders of ${name} key ${key}`, entry(prefixes, HOLDERS, key), holders.get(key) ?? 0)
      }
      expect(`${name} context`, real(replicas, CONTEXT, replica) ?? 0, context)
      expect(`${name} blocks`, exactBlocks(fleet, replica, 0), blocks)

      let idle = list(prefixes, LITTER_AFTER, replica)
      let older = NONE
      for (let key = list(prefixes, OLDEST, replica); key !== NONE; key = entry(prefixes, NEWER, key)) {
        idle += entry(prefixes, SIZE, key) + entry(prefixes, LITTER, key)
        if (entry(prefixes, SIZE, key) <= 0) faults.push(`${name} keeps an empty entry`)
        if (entry(prefixes, HOLDERS, key) !== 0) faults.push(`${name} has an idle entry with holders`)
        if (entry(prefixes, REPLICA, key) !== replica) faults.push(`${name} keeps an entry of another replica`)
        if (entry(prefixes, OLDER, key) !== older) faults.push(`${name} has a broken list of idle entries`)
        older = key
        idleEntries++
      }
      expect(`${name} newest idle entry`, list(prefixes, NEWEST, replica), older)
      expect(`${name} idle blocks`, list(prefixes, IDLE_BLOCKS, replica), idle)
      if (blocks < 0 || blocks + idle > pool.serving.kvBlocks)
        faults.push(`${name} holds ${blocks} and keeps ${idle} of ${pool.serving.kvBlocks} blocks`)
    }
  }

  for (const request of fleet.health.failed) meet(request, 'failing')

  const keys = Array.from({ length: prefixes.entries.length / 8 }, (_, key) => key)
  const there = keys.filter(key => entry(prefixes, SIZE, key) > 0)
  const used = there.filter(key => entry(prefixes, HOLDERS, key) > 0)
  expect('entries in use', used.length, holders.size)
  expect('idle entries', there.length - used.length, idleEntries)
  expect('requests in flight', requests.inFlight, seen.size)
  const onTheWay = flows.map((_, flow) => network.transfers.filter(transfer => transfer.flow === flow).length)
  flows.forEach((_, flow) => {
    expect(`flow ${flow} in flight`, inFlight(telemetry, flow), present[flow] ?? 0)
    // a token is the first one or comes after a gap
    const timed = samplesOf(telemetry, flow, TTFT) + samplesOf(telemetry, flow, ITL)
    expect(`flow ${flow} output tokens`, telemetry.flow.outputTokens[flow] ?? 0, timed)
    expect(`flow ${flow} running`, telemetry.flowRunning[flow] ?? 0, inBatch[flow] ?? 0)
    expect(`flow ${flow} transferring`, telemetry.transferring[flow] ?? 0, onTheWay[flow] ?? 0)
  })
  if (network.handOffs.length + network.turnedAway.length > 0) faults.push('requests are left between two ticks')
  fleet.workloads.forEach(({ id, sessions }, index) => {
    if (sessions === null) return
    const asked = new Set<number>()
    for (const request of seen.keys())
      if (fleet.flows.workload[read(requests, FLOW, request)] === index && !isCopy(fleet, request))
        asked.add(read(requests, USER, request))
    sessions.busy.forEach((busy, user) => expect(`${id} user ${user} busy`, busy, asked.has(user) ? 1 : 0))
  })
  return faults
}

function samplesOf(telemetry: Simulation['fleet']['telemetry'], flow: number, timing: number): number {
  const first = binsOf(flow, timing)
  return Array.from({ length: BINS }, (_, bin) => allSamples(telemetry, first + bin)).reduce((sum, n) => sum + n, 0)
}
