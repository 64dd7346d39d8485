import type { Lengths } from '../catalog/workloads'
import { f64 } from '../columns'
import { integer, normal, uniform, type Stream } from '../random'

/** A length distribution made ready for drawing; plain data. */
export type Sampler =
  | { kind: 'fixed'; value: number }
  | { kind: 'uniform'; from: number; count: number }
  /** Of the logarithm. */
  | { kind: 'lognormal'; mean: number; deviation: number }
  | QuantileSampler

interface QuantileSampler {
  kind: 'quantiles'
  /** Probability where each segment ends. */
  ends: Float64Array
  /** Tokens at probability u in a segment: base + slope · u. */
  bases: Float64Array
  slopes: Float64Array
  /** First segment that reaches beyond the start of each bucket; buckets split 0 to 1 evenly. */
  firsts: Uint16Array
}

const buckets = 1024
/** What a column of tokens holds. */
const mostTokens = 2147483647

/** Throws where the lengths are no distribution: a table out of order. */
export function createSampler(lengths: Lengths): Sampler {
  switch (lengths.kind) {
    case 'fixed':
      return { kind: 'fixed', value: Math.max(1, Math.round(lengths.value)) }
    case 'uniform':
      return { kind: 'uniform', from: lengths.from, count: lengths.to - lengths.from + 1 }
    case 'lognormal': {
      const variance = Math.log(1 + lengths.cv * lengths.cv)
      return { kind: 'lognormal', mean: Math.log(lengths.mean) - variance / 2, deviation: Math.sqrt(variance) }
    }
    case 'quantiles':
      return createQuantileSampler(lengths)
  }
}

/** One draw: whole tokens, at least 1. */
export function sampleLength(sampler: Sampler, stream: Stream): number {
  switch (sampler.kind) {
    case 'fixed':
      return sampler.value
    case 'uniform':
      return Math.max(1, sampler.from + integer(stream, sampler.count))
    case 'lognormal':
      return Math.min(mostTokens, Math.max(1, Math.round(Math.exp(sampler.mean + sampler.deviation * normal(stream)))))
    case 'quantiles':
      return sampleQuantile(sampler, uniform(stream))
  }
}

function sampleQuantile({ ends, bases, slopes, firsts }: QuantileSampler, u: number): number {
  let segment = firsts[Math.floor(u * buckets)] as number
  while (f64(ends, segment) <= u) segment++
  return Math.max(1, Math.round(f64(bases, segment) + f64(slopes, segment) * u) | 0)
}

function createQuantileSampler({ probabilities, tokens }: Lengths & { kind: 'quantiles' }): QuantileSampler {
  if (probabilities.length !== tokens.length || probabilities[0] !== 0 || probabilities.at(-1) !== 1)
    throw new Error(`lengths: quantiles need as many tokens as probabilities, from 0 to 1; got ${probabilities.join()}`)
  const ends: number[] = []
  const bases: number[] = []
  const slopes: number[] = []
  for (let i = 1; i < tokens.length; i++) {
    const [from, to] = [probabilities[i - 1] as number, probabilities[i] as number]
    const [low, high] = [tokens[i - 1] as number, tokens[i] as number]
    if (!(to >= from && high >= low && low >= 0 && high < Infinity))
      throw new Error(`lengths: quantiles must ascend, got ${low} at ${from} and then ${high} at ${to}`)
    // a step has no width and is never drawn
    if (to === from) continue
    const slope = (high - low) / (to - from)
    ends.push(to)
    bases.push(low - slope * from)
    slopes.push(slope)
  }
  const firsts = Uint16Array.from({ length: buckets }, (_, bucket) => ends.findIndex(end => end > bucket / buckets))
  return {
    kind: 'quantiles',
    ends: Float64Array.from(ends),
    bases: Float64Array.from(bases),
    slopes: Float64Array.from(slopes),
    firsts,
  }
}
