import { z } from 'zod'
import type { Workload } from '../../simulation/index'

/** Lengths as the engine draws them. */
export type Lengths = Workload['promptTokens']

/** What a column of tokens holds. */
const most = 2_147_483_647
const tokens = z.int().min(1).max(most)

export const lengths = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fixed'), value: tokens }),
  z.strictObject({ kind: z.literal('uniform'), from: tokens, to: tokens }).refine(({ from, to }) => to >= from, {
    path: ['to'],
    message: 'a number of at least `from`',
  }),
  z.strictObject({
    kind: z.literal('lognormal'),
    mean: z.number().positive().max(1e9),
    cv: z.number().min(0).max(100),
  }),
  z
    .object({ kind: z.literal('quantiles') })
    .catchall(z.number().min(1).max(most))
    .refine(({ kind: _, ...points }) => isDistribution(points), {
      message: 'tokens by probability from 0 to 1, ascending, such as { "0.5": 300, "0.99": 4000 }',
    }),
  /** Those of the requests in the trace. */
  z.strictObject({ kind: z.literal('trace') }),
])

/** Quantiles as columns from 0 to 1, what lies outside the outermost ones takes their value; `null` for a trace's own. */
export function lengthsOf(spec: z.infer<typeof lengths>): Lengths | null {
  if (spec.kind === 'trace') return null
  if (spec.kind !== 'quantiles') return spec
  const { kind, ...byProbability } = spec
  const points = ascending(byProbability)
  return {
    kind,
    probabilities: [0, ...points.map(point => point.probability), 1],
    tokens: [points[0]?.tokens ?? 1, ...points.map(point => point.tokens), points.at(-1)?.tokens ?? 1],
  }
}

function isDistribution(byProbability: Record<string, number>): boolean {
  const points = ascending(byProbability)
  const between = points.every(({ probability }) => probability >= 0 && probability <= 1)
  const numbers = Object.keys(byProbability).every(probability => /^(\d+\.?\d*|\.\d+)(e-\d+)?$/i.test(probability))
  return (
    points.length > 0 && numbers && between && points.every(({ tokens }, i) => tokens >= (points[i - 1]?.tokens ?? 0))
  )
}

function ascending(byProbability: Record<string, number>): { probability: number; tokens: number }[] {
  return Object.entries(byProbability)
    .map(([probability, tokens]) => ({ probability: Number(probability), tokens }))
    .sort((a, b) => a.probability - b.probability)
}
