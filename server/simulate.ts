/** `npm run --silent simulate -- FILE`: runs the experiments of a file and prints one JSON result per line. */
import { BadFile, readExperiments } from './experiments/documents'
import type { Outcome } from './experiments/outcome'
import { startRunners } from './experiments/threads'
import type { ReadyExperiment } from './experiments/traces'
import { tune } from './tune'

const mostJobs = 256

tune()
process.exitCode = await simulate(process.argv.slice(2))

/** Runs the command; returns its exit code: 2 where nothing was run, 1 where not every result is there. */
async function simulate(parameters: string[]): Promise<number> {
  try {
    const { file, jobs } = readParameters(parameters)
    const experiments = await readExperiments(file)
    return await runAll(experiments, Math.min(jobs, experiments.length))
  } catch (error) {
    if (!(error instanceof BadFile)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
}

function readParameters(parameters: string[]): { file: string; jobs: number } {
  const files: string[] = []
  let jobs: string | undefined
  for (let i = 0; i < parameters.length; i++) {
    const parameter = parameters[i] ?? ''
    if (parameter !== '--jobs' && !parameter.startsWith('--jobs=')) files.push(parameter)
    else if (jobs !== undefined) throw new BadFile('simulate: --jobs twice, expected once')
    else jobs = parameter === '--jobs' ? (parameters[++i] ?? '') : parameter.slice('--jobs='.length)
  }
  const [file] = files
  if (file === undefined || files.length > 1 || (file.startsWith('-') && file !== '-')) {
    const given = JSON.stringify(files.join(' '))
    throw new BadFile(
      `simulate: ${given}, expected one file of experiments (.json or .jsonl) or - for standard input, and --jobs N`,
    )
  }
  if (jobs !== undefined && !(/^\d{1,3}$/.test(jobs) && Number(jobs) >= 1 && Number(jobs) <= mostJobs))
    throw new BadFile(`simulate: --jobs: ${JSON.stringify(jobs)}, expected a whole number from 1 to ${mostJobs}`)
  return { file, jobs: Number(jobs ?? 1) }
}

/** Runs the experiments, `jobs` at a time, and prints their results in their order. */
async function runAll(experiments: ReadyExperiment[], jobs: number): Promise<number> {
  const runners = startRunners(jobs)
  const outcomes = experiments.map(() => createPromise<Outcome>())
  let next = 0
  let stopped = false
  for (const runner of runners) void work(runner.run)
  const code = await printAll()
  stopped = true
  await Promise.all(runners.map(runner => runner.stop()))
  return code

  async function work(run: (experiment: ReadyExperiment) => Promise<Outcome>): Promise<void> {
    for (;;) {
      const index = next++
      const experiment = experiments[index]
      if (!experiment || stopped) return
      process.stderr.write(`${index + 1} of ${experiments.length}: ${oneLine(experiment.id)}\n`)
      outcomes[index]?.resolve(await run(experiment))
      // what is printed, or cannot be, is seen before the next one takes the thread
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  async function printAll(): Promise<number> {
    let code = 0
    for (const [index, { promise }] of outcomes.entries()) {
      const outcome = await promise
      if ('failure' in outcome) {
        const id = JSON.stringify(experiments[index]?.id)
        process.stderr.write(`experiment ${id} has no result: ${outcome.failure}\n`)
        code = 1
        continue
      }
      const failure = await print(JSON.stringify(outcome.result))
      if (failure) {
        process.stderr.write(`the result cannot be written: ${failure.message}\n`)
        return 1
      }
    }
    return code
  }
}

function createPromise<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => {}
  const promise = new Promise<Value>(settle => (resolve = settle))
  return { promise, resolve }
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

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}
