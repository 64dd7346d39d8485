import type { Origin } from './export'
import { clock } from './format'
import type { useRun } from './stores/run'

/** Of what a file that is saved now is. */
export function originOf(run: ReturnType<typeof useRun>): Origin {
  const { hello, frame } = run
  return {
    run: hello?.run.id ?? '',
    scenario: hello?.run.scenario ?? '',
    seed: hello?.run.seed ?? 0,
    revision: frame?.revision ?? run.routing?.revision ?? null,
    simulated: frame?.time ?? null,
    clock: hello && frame ? clock(hello.fleet.epoch, frame.time) : '',
    saved: new Date().toISOString(),
  }
}
