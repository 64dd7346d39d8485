import { ingestTime, stepTime, type StepModel } from '../../simulation/serving/step-time'

/** What comes to the replica: requests of workloads with a priority, a shared prefix or conversations. */
export interface NaiveWorkload {
  priority: number
  /** Tokens of its shared prefix; all its prompts are longer. */
  prefix: number
  sessions: { users: number; turns: number } | null
  requests: { time: number; prompt: number; output: number }[]
}

export interface NaivePool {
  step: StepModel
  kvBlocks: number
  watermark: number
  maxSequences: number
  stepTokenBudget: number
  /** A step is composed while the one before is under way: it takes no request that was not ready when that began. */
  ahead: boolean
}

export interface NaiveCounts {
  steps: number
  busy: number
  preempted: number
  hits: number
  /** By workload: requests that finished or were rejected, and the sums of their times [s]. */
  workloads: { finished: number; rejected: number; ttft: number; e2e: number }[]
  /** Requests left in one step whose order would decide what is evicted first. */
  ambiguous: boolean
}

interface Block {
  /** Requests that use it. */
  users: number
  /** What it holds, if that may be asked for again. */
  hash: string | null
}

interface Request {
  workload: number
  user: number
  arrival: number
  ready: number
  prompt: number
  output: number
  generated: number
  prefilled: number
  firstToken: number
  blocks: Block[]
}

const size = 16
const blocksOf = (tokens: number): number => Math.ceil(tokens / size)

/**
 * One replica, a step at a time, its memory a list of blocks in the order in which they are given out again, as in vLLM
 * V1: never used ones, then the longest unused. It differs from vLLM where the engine does, on purpose:
 *
 * - a request gets the blocks of its whole prompt when it is admitted, and only if a share of the memory stays free;
 * - blocks of a request's own tokens are known by their content only in a conversation, by its next turn;
 * - the last block of a conversation, if it is not full, is free at once;
 * - a decoding request's block is taken when its token is made, and the cache gives way as if every decoding request's
 *   last block were full but for one token;
 * - whoever became ready last is preempted first, also after a preemption.
 */
export function serveNaively(pool: NaivePool, workloads: readonly NaiveWorkload[]): NaiveCounts {
  const free: Block[] = Array.from({ length: pool.kvBlocks }, () => ({ users: 0, hash: null }))
  const known = new Map<string, Block>()
  const counts: NaiveCounts = {
    steps: 0,
    busy: 0,
    preempted: 0,
    hits: 0,
    workloads: workloads.map(() => ({ finished: 0, rejected: 0, ttft: 0, e2e: 0 })),
    ambiguous: false,
  }
  const users = workloads.map(({ sessions }) =>
    Array.from({ length: sessions?.users ?? 0 }, () => ({
      said: 0,
      taken: 0,
      conversation: 0,
      busy: false,
      later: [] as { time: number; prompt: number; output: number }[],
    })),
  )
  const turn = workloads.map(() => 0)
  const arrivals = workloads
    .flatMap(({ requests }, workload) => requests.map(request => ({ ...request, workload })))
    .sort((a, b) => a.time - b.time)
  const inbox: Request[] = []
  const waiting: Request[] = []
  let running: Request[] = []
  let partial: Request | null = null
  const priorityOf = ({ workload }: Request): number => workloads[workload]?.priority ?? 0
  const heldBy = (request: Request): number => request.prompt + request.generated - 1

  function arrive(workload: number, user: number, time: number, prompt: number, output: number): void {
    const person = users[workload]?.[user]
    if (person) {
      if (person.taken >= (workloads[workload]?.sessions?.turns ?? 0)) {
        forget(`${workload} user ${user} conversation ${person.conversation} `)
        Object.assign(person, { said: 0, taken: 0, conversation: person.conversation + 1 })
      }
      person.taken++
      person.busy = true
    }
    const whole = (person?.said ?? 0) + prompt
    const ready = time + ingestTime(pool.step, whole)
    const progress = { generated: 0, prefilled: 0, firstToken: 0, blocks: [] }
    inbox.push({ workload, user, arrival: time, ready, prompt: whole, output, ...progress })
    inbox.sort((a, b) => a.ready - b.ready)
  }

  function ask({ workload, time, prompt, output }: (typeof arrivals)[number]): void {
    const among = users[workload] ?? []
    const user = among.length > 0 ? (turn[workload] ?? 0) % among.length : -1
    turn[workload] = (turn[workload] ?? 0) + 1
    const person = among[user]
    if (person?.busy) person.later.push({ time, prompt, output })
    else arrive(workload, user, time, prompt, output)
  }

  /** The request leaves: it is counted, and its user may ask on. */
  function leave(request: Request, time: number, tokens: number): void {
    const person = users[request.workload]?.[request.user]
    if (!person) return
    person.busy = false
    if (tokens > 0) person.said = tokens
    const next = person.later.shift()
    if (next) arrive(request.workload, request.user, Math.max(time, next.time), next.prompt, next.output)
  }

  /** What the blocks of a prompt hold; `null` for those that nobody asks for again. */
  function hashOf(request: Request, block: number): string | null {
    const person = users[request.workload]?.[request.user]
    if (block < sharedBlocks(request)) return `${request.workload} prefix ${block}`
    return person ? `${request.workload} user ${request.user} conversation ${person.conversation} ${block}` : null
  }

  const sharedBlocks = (request: Request): number =>
    Math.floor(Math.min(workloads[request.workload]?.prefix ?? 0, request.prompt - 1) / size)

  /** Blocks of a conversation that is over stay where they are, but nobody finds them. */
  function forget(prefix: string): void {
    for (const [hash, block] of known) {
      if (!hash.startsWith(prefix)) continue
      known.delete(hash)
      block.hash = null
    }
  }

  function takeNew(request: Request, hash: string | null): void {
    const block = free.shift()
    if (!block) throw new Error('no block is free')
    if (block.hash !== null) known.delete(block.hash)
    block.users = 1
    block.hash = hash
    if (hash !== null) known.set(hash, block)
    request.blocks.push(block)
  }

  /** Blocks in the order in which they are given out: the last ones first, as the first ones are asked for more often. */
  function release(request: Request): void {
    const held = request.blocks.length
    const full = Math.floor(Math.min(heldBy(request), request.prompt + request.output - 1) / size)
    request.blocks.reverse().forEach((block, i) => {
      block.users--
      const position = held - 1 - i
      if (block.users > 0) return
      const person = users[request.workload]?.[request.user]
      if (person && position >= full) {
        if (block.hash !== null) known.delete(block.hash)
        block.hash = null
        free.unshift(block)
        return
      }
      if (block.hash === null) block.hash = person ? hashOf(request, position) : null
      if (block.hash !== null) known.set(block.hash, block)
      free.push(block)
      lying.add(block)
    })
    request.blocks = []
  }

  /** Blocks that lie in the list with something in them, whether or not it is asked for again. */
  const lying = new Set<Block>()

  /** Gives way to what is held at most: see above. */
  function giveWay(): void {
    let held = pool.kvBlocks - free.length
    let tokens = 0
    for (const request of running) {
      held -= blocksOf(heldBy(request))
      tokens += heldBy(request) + size - 1
    }
    held += Math.floor(tokens / size)
    const idle = free.filter(block => lying.has(block))
    for (const block of idle.slice(0, Math.max(0, idle.length - Math.max(0, pool.kvBlocks - held)))) {
      if (block.hash !== null) known.delete(block.hash)
      block.hash = null
      lying.delete(block)
      free.splice(free.indexOf(block), 1)
      free.unshift(block)
    }
  }

  function takeOut(request: Request): void {
    running = running.filter(other => other !== request)
    if (partial === request) partial = null
  }

  const growth = (): number =>
    running.reduce((sum, request) => sum + blocksOf(heldBy(request) + 1) - request.blocks.length, 0)

  /** Takes a waiting request's blocks, those in the cache first; false where there are too few. */
  function admit(request: Request, batch: number): boolean {
    const kept = batch > 0 ? pool.watermark : 0
    const length = request.prompt + request.generated
    const person = users[request.workload]?.[request.user]
    const said = request.generated > 0 || !person ? request.prompt - 1 : Math.min(person.said, request.prompt - 1)
    const most = Math.max(sharedBlocks(request), person ? Math.floor(said / size) : 0)
    const found: Block[] = []
    while (found.length < most) {
      const hash = hashOf(request, found.length)
      const block = hash === null ? undefined : known.get(hash)
      if (!block) break
      found.push(block)
    }
    const shared = found.slice(0, sharedBlocks(request)).filter(block => block.users > 0).length
    if (blocksOf(length) - shared > free.length - growth() - kept) return false
    for (const block of found) {
      if (block.users === 0) free.splice(free.indexOf(block), 1)
      lying.delete(block)
      block.users++
      request.blocks.push(block)
    }
    // what is left of its conversation is of no use any more
    if (person) {
      for (const [hash, block] of known) {
        if (!hash.startsWith(`${request.workload} user ${request.user} `) || block.users > 0) continue
        known.delete(hash)
        block.hash = null
        lying.delete(block)
        free.splice(free.indexOf(block), 1)
        free.unshift(block)
      }
    }
    while (request.blocks.length < blocksOf(length)) {
      const position = request.blocks.length
      // blocks not in the cache that others do not use come first in the list
      const hash = position < sharedBlocks(request) ? hashOf(request, position) : null
      const before = hash === null ? undefined : known.get(hash)
      if (before && before.users > 0) {
        before.users++
        request.blocks.push(before)
      } else {
        if (before) {
          known.delete(before.hash ?? '')
          before.hash = null
        }
        takeNew(request, hash)
      }
      const taken = request.blocks.at(-1)
      if (taken) lying.delete(taken)
    }
    request.prefilled = found.length * size
    counts.hits += request.prefilled
    giveWay()
    return true
  }

  let now = 0
  let planned = 0
  for (;;) {
    // what is there
    const idle = running.length === 0 && waiting.length === 0 && partial === null
    const next = Math.min(arrivals[0]?.time ?? Infinity, inbox[0]?.ready ?? Infinity)
    if (idle && next === Infinity) return counts
    if (idle) now = Math.max(now, next)
    while (arrivals[0] && arrivals[0].time <= now) ask(arrivals.shift() as (typeof arrivals)[number])
    if (idle && !(inbox[0] && inbox[0].ready <= now)) continue
    while (inbox[0] && inbox[0].ready <= now) {
      const request = inbox.shift() as Request
      if (blocksOf(request.prompt + request.output) > pool.kvBlocks) {
        const tally = counts.workloads[request.workload]
        if (tally) tally.rejected++
        leave(request, request.ready, 0)
      } else {
        const behind = waiting.findIndex(other => priorityOf(other) < priorityOf(request))
        waiting.splice(behind < 0 ? waiting.length : behind, 0, request)
      }
    }

    // make room for the next token of all that decode
    let left = 0
    while (growth() > free.length) {
      const victim = [...running].sort((a, b) => priorityOf(a) - priorityOf(b) || b.ready - a.ready)[0]
      if (!victim) throw new Error('there is nobody to preempt')
      takeOut(victim)
      release(victim)
      victim.prefilled = 0
      counts.preempted++
      left++
      const behind = waiting.findIndex(other => priorityOf(other) <= priorityOf(victim))
      waiting.splice(behind < 0 ? waiting.length : behind, 0, victim)
    }

    // prefill within the budget
    if (running.length === 0 && partial === null) planned = now
    let budget = pool.stepTokenBudget - running.length
    let batch = running.length
    let prefill = 0
    let prefillContext = 0
    const ready: Request[] = []
    const chunk = (request: Request): void => {
      const tokens = Math.min(budget, request.prompt + request.generated - request.prefilled)
      prefillContext += tokens * (request.prefilled + tokens / 2)
      prefill += tokens
      budget -= tokens
      request.prefilled += tokens
      partial = request.prefilled < request.prompt + request.generated ? request : null
      if (partial === null) ready.push(request)
    }
    if (partial !== null) {
      batch++
      chunk(partial)
    }
    while (waiting[0] && budget > 0 && batch < pool.maxSequences) {
      if (waiting[0].ready > planned || !admit(waiting[0], batch)) break
      batch++
      chunk(waiting.shift() as Request)
    }
    if (batch === 0) continue

    // the step
    const context = running.reduce((sum, request) => sum + heldBy(request), 0)
    const time = stepTime(pool.step, prefill, prefillContext, running.length, context)
    counts.steps++
    counts.busy += time
    planned = pool.ahead ? now : now + time
    now += time
    for (const request of running) {
      request.generated++
      while (request.blocks.length < blocksOf(heldBy(request))) takeNew(request, null)
      const taken = request.blocks.at(-1)
      if (taken) lying.delete(taken)
    }
    // whoever arrived during the step has asked before those who follow the ones that leave now
    while (arrivals[0] && arrivals[0].time <= now) ask(arrivals.shift() as (typeof arrivals)[number])
    giveWay()
    const done = running.filter(request => request.generated === request.output)
    for (const request of done) takeOut(request)
    for (const request of ready) {
      if (request.generated === 0) {
        request.firstToken = now
        const tally = counts.workloads[request.workload]
        if (tally) tally.ttft += now - request.arrival
      }
      request.generated++
      if (request.generated === request.output) done.push(request)
      else running.push(request)
    }
    for (const request of done) {
      left++
      release(request)
      const tally = counts.workloads[request.workload]
      if (tally) {
        tally.finished++
        tally.e2e += now - request.arrival
      }
      leave(request, now, request.prompt + request.output)
    }
    if (left > 1) counts.ambiguous = true
  }
}
