import { addF64, createStream, f64, uniform } from '../../simulation'

/** A closed loop as the benchmark publishes it: so many requests always in flight, all offered at the start. */
export interface ClosedLoop {
  prompt: number
  output: number
  concurrency: number
  requests: number
}

/** Times of the replica that the loop runs on [s]. */
export interface LoopTimes {
  step(prefill: number, prefillContext: number, decoding: number, context: number): number
  kvSlope(decoding: number): number
  ingest(prompt: number): number
  /** Whether a step is composed while the one before runs. */
  ahead: boolean
}

/**
 * What a mean request's time per output token and time to the first token are made of: steps by what they hold, each
 * counted by its part in the mean. The mean time per token is Σ perToken · f(prefill, decoding) + perTokenContext · kv
 * + perTokenPrefill · attention; likewise the first token, after its ingest.
 */
export interface LoopParts {
  prefill: Float64Array
  decoding: Float64Array
  perToken: Float64Array
  firstToken: Float64Array
  /** Context tokens and pairs of prompt and context tokens that the means hold. */
  perTokenContext: number
  perTokenPairs: number
  firstTokenContext: number
  firstTokenPairs: number
  meanPrompt: number
}

const stepTokenBudget = 8192
const shortest = 0.8

/**
 * Runs a closed loop step by step, as a replica does (simulation/serving/replica.ts): decode first, prompts in chunks
 * within the step's token budget, the first token at the end of the step that ends the prompt.
 */
export function runClosedLoop({ prompt, output, concurrency, requests }: ClosedLoop, times: LoopTimes): LoopParts {
  const parts = gatherParts(concurrency)
  const lengths = createStream(1, 'lengths')
  const prompts = new Float64Array(requests)
  const outputs = new Float64Array(requests)
  for (let i = 0; i < requests; i++) {
    prompts[i] = Math.round(prompt * (shortest + (1 - shortest) * uniform(lengths)))
    outputs[i] = Math.max(2, Math.round(output * (shortest + (1 - shortest) * uniform(lengths))))
  }
  const ready = new Float64Array(requests)
  const done = new Float64Array(requests)
  const lastStep = new Float64Array(requests)
  const inbox: number[] = []
  const waiting: number[] = []
  let running: number[] = []
  let [time, steps, context, weight, offered, finished, partial, planned] = [0, 0, 0, 0, 0, 0, -1, 0]

  const offer = (): void => {
    if (offered === requests) return
    const request = offered++
    ready[request] = time + times.ingest(f64(prompts, request))
    inbox.push(request)
    inbox.sort((a, b) => f64(ready, a) - f64(ready, b))
  }
  const finish = (): void => {
    const left: number[] = []
    for (const request of running) {
      if (f64(lastStep, request) > steps) {
        left.push(request)
        continue
      }
      finished++
      context -= f64(prompts, request) + f64(outputs, request) - 1
      weight -= 1 / (f64(outputs, request) - 1)
      offer()
    }
    running = left
  }
  /** How many steps, `length` long, those in the inbox wait through from now, or from when they are ready, until `end`. */
  const waited = (end: number, length: number): number => {
    let parts = 0
    for (const request of inbox) {
      if (f64(ready, request) < end) parts += (end - Math.max(time, f64(ready, request))) / length
    }
    return parts
  }

  for (let i = 0; i < concurrency; i++) offer()
  while (finished < requests) {
    // with nothing under way, the step is composed when it begins
    if (!times.ahead || (running.length === 0 && partial < 0)) planned = time
    while (inbox.length > 0 && f64(ready, inbox[0] ?? 0) <= planned) waiting.push(inbox.shift() ?? 0)
    const decoding = running.length
    const ended: number[] = []
    let [budget, sequences, prefill, pairs] = [stepTokenBudget - decoding, decoding, 0, 0]
    while (budget > 0 && sequences < concurrency) {
      const request = partial >= 0 ? partial : waiting.shift()
      if (request === undefined) break
      const chunk = Math.min(f64(prompts, request) - f64(done, request), budget)
      pairs += chunk * (f64(done, request) + chunk / 2)
      addF64(done, request, chunk)
      prefill += chunk
      budget -= chunk
      sequences++
      partial = f64(done, request) < f64(prompts, request) ? request : -1
      if (partial < 0) ended.push(request)
    }
    if (prefill > 0) {
      const length = times.step(prefill, pairs, decoding, context)
      const behind = ended.length + (partial >= 0 ? 1 : 0) + waiting.length + waited(time + length, length)
      parts.add({ prefill, decoding, context, pairs }, 1, weight, behind)
      planned = time
      time += length
      steps++
      context += decoding
      finish()
      for (const request of ended) {
        context += f64(prompts, request)
        weight += 1 / (f64(outputs, request) - 1)
        lastStep[request] = steps + f64(outputs, request) - 1
        running.push(request)
      }
    } else if (decoding > 0) {
      const base = times.step(0, 0, decoding, context)
      const slope = times.kvSlope(decoding)
      let count = Infinity
      for (const request of running) count = Math.min(count, f64(lastStep, request) - steps)
      const next = inbox[0]
      if (next !== undefined && sequences < concurrency) {
        let [taken, at] = [0, time]
        while (taken < count && at < f64(ready, next)) at += base + slope * taken++
        count = times.ahead ? Math.min(count, taken + 1) : Math.max(1, taken)
      }
      const last = base + slope * (count - 1)
      const end = time + base * count + (slope * count * (count - 1)) / 2
      parts.add(
        { prefill: 0, decoding, context: context + (decoding * (count - 1)) / 2, pairs: 0 },
        count,
        weight,
        waiting.length,
      )
      // the last step again, for those that arrive within it
      parts.add({ prefill: 0, decoding, context: context + decoding * (count - 1), pairs: 0 }, 1, 0, waited(end, last))
      planned = end - last
      time = end
      steps += count
      context += decoding * count
      finish()
    } else {
      time = f64(ready, inbox[0] ?? 0)
    }
  }
  return parts.mean(prompts)
}

/** Steps put together that hold nearly the same. */
interface StepKind {
  prefill: number
  decoding: number
  steps: number
  perToken: number
  firstToken: number
}

function gatherParts(concurrency: number) {
  const kinds = new Map<number, StepKind>()
  const totals = { perTokenContext: 0, perTokenPairs: 0, firstTokenContext: 0, firstTokenPairs: 0 }
  const grain = Math.max(1, concurrency / 8)

  function kindOf(prefill: number, decoding: number): StepKind {
    const size = prefill === 0 ? 0 : 1 + Math.round(3 * Math.log2(prefill))
    const key = size * 4096 + Math.round(decoding / grain)
    const known = kinds.get(key)
    if (known) return known
    const kind = { prefill: 0, decoding: 0, steps: 0, perToken: 0, firstToken: 0 }
    kinds.set(key, kind)
    return kind
  }

  return {
    /** Counts steps: `weight` is what one of them adds to the sum of times per token, `behind` how many requests wait. */
    add(
      step: { prefill: number; decoding: number; context: number; pairs: number },
      steps: number,
      weight: number,
      behind: number,
    ): void {
      const kind = kindOf(step.prefill, step.decoding)
      kind.prefill += steps * step.prefill
      kind.decoding += steps * step.decoding
      kind.steps += steps
      kind.perToken += steps * weight
      kind.firstToken += steps * behind
      totals.perTokenContext += steps * weight * step.context
      totals.perTokenPairs += steps * weight * step.pairs
      totals.firstTokenContext += steps * behind * step.context
      totals.firstTokenPairs += steps * behind * step.pairs
    },

    mean(prompts: Float64Array): LoopParts {
      const all = [...kinds.values()]
      const requests = prompts.length
      return {
        prefill: Float64Array.from(all, ({ prefill, steps }) => prefill / steps),
        decoding: Float64Array.from(all, ({ decoding, steps }) => decoding / steps),
        perToken: Float64Array.from(all, ({ perToken }) => perToken / requests),
        firstToken: Float64Array.from(all, ({ firstToken }) => firstToken / requests),
        perTokenContext: totals.perTokenContext / requests,
        perTokenPairs: totals.perTokenPairs / requests,
        firstTokenContext: totals.firstTokenContext / requests,
        firstTokenPairs: totals.firstTokenPairs / requests,
        meanPrompt: prompts.reduce((sum, length) => sum + length, 0) / requests,
      }
    },
  }
}
