import { medianError } from './held-out'
import type { StageErrors } from './run-outcome'

const columns = [
  ['e2eMean', 'E2E mean'],
  ['e2eP90', 'E2E p90'],
  ['ttftMean', 'TTFT mean'],
  ['ttftP90', 'TTFT p90'],
  ['itl', 'ITL mean'],
] as const

/** A line for each model: stages, and medians of their absolute errors in percent. */
export function describeRuns(title: string, errors: readonly StageErrors[]): string[] {
  const models = [...new Set(errors.map(({ model }) => model))].sort()
  return [
    '',
    title,
    `${''.padEnd(20)} stages ${columns.map(([, name]) => name.padStart(10)).join('')}`,
    ...models.map(model =>
      describeOne(
        model,
        errors.filter(error => error.model === model),
      ),
    ),
    describeOne('all', errors),
  ]
}

function describeOne(name: string, errors: readonly StageErrors[]): string {
  const medians = columns.map(([column]) => 100 * medianError(errors.map(error => error[column])))
  return `${name.padEnd(20)} ${String(errors.length).padStart(6)} ${medians.map(one => `${one.toFixed(1)}%`.padStart(10)).join('')}`
}
