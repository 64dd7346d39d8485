/** `npm run --silent simulate -- FILE`: runs the experiments of a file and prints one JSON result per line. */
import { readFileSync } from 'node:fs'
import { parseExperiment, type Experiment } from './experiments/experiment'
import { runExperiment } from './experiments/run-experiment'

process.exitCode = await simulate(process.argv.slice(2))

/** Runs the command; returns its exit code. */
async function simulate(parameters: string[]): Promise<number> {
  const experiments = readExperiments(parameters)
  if (typeof experiments === 'string') {
    process.stderr.write(`${experiments}\n`)
    return 2
  }
  for (const [index, experiment] of experiments.entries()) {
    process.stderr.write(`${index + 1} of ${experiments.length}: ${experiment.id}\n`)
    const failure = await print(JSON.stringify(runExperiment(experiment)))
    if (failure) {
      process.stderr.write(`the result cannot be written: ${failure.message}\n`)
      return 1
    }
  }
  return 0
}

/** Resolves when the line is out, with what kept it back if something did: a full disk, or a reader that is gone. */
function print(line: string): Promise<Error | null> {
  return new Promise(resolve => {
    process.stdout.once('error', resolve)
    process.stdout.write(`${line}\n`, failure => {
      if (failure) return
      process.stdout.off('error', resolve)
      resolve(null)
    })
  })
}

/** All experiments of the file, or the reason to refuse it in one line: nothing runs unless everything is right. */
function readExperiments(parameters: string[]): Experiment[] | string {
  const [file, ...rest] = parameters
  if (file === undefined || rest.length > 0 || (file.startsWith('-') && file !== '-')) {
    return `simulate: ${JSON.stringify(parameters.join(' '))}, expected one file of experiments (.json or .jsonl), or - for standard input`
  }
  const documents = readDocuments(file)
  if (typeof documents === 'string') return documents
  const experiments: Experiment[] = []
  for (const { place, document } of documents) {
    const experiment = parseExperiment(document)
    if ('expected' in experiment) {
      const { field, value, expected } = experiment
      return `${place}: ${field}: ${JSON.stringify(value ?? null)}, expected ${expected}`
    }
    experiments.push(experiment)
  }
  return experiments
}

interface Placed {
  /** What names the experiment in a message. */
  place: string
  document: unknown
}

function readDocuments(file: string): Placed[] | string {
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    return `${file}: cannot be read, ${error instanceof Error ? error.message : String(error)}`
  }
  const documents = file.endsWith('.jsonl')
    ? text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [parseJson(line, `${file}: line ${i + 1}`)]))
    : [parseJson(text, file)]
  const broken = documents.find(document => typeof document === 'string')
  if (broken !== undefined) return broken
  if (documents.length === 0) return `${file}: no experiment, expected one per line`
  return documents.filter(document => typeof document !== 'string')
}

function parseJson(text: string, place: string): Placed | string {
  try {
    const document: unknown = JSON.parse(text)
    const named = typeof document === 'object' && document !== null && 'id' in document
    return { place: named ? `${place}: experiment ${JSON.stringify(document.id)}` : place, document }
  } catch {
    return `${place}: not JSON, expected an experiment`
  }
}
