import type { Simulation } from '../simulation'
import type { Telemetry } from '../telemetry/telemetry'

/** What a fork takes from a run: all but its scenario, which does not change, and its histograms. */
export type Present = Omit<Simulation, 'scenario'>

const none = { integers: new Int32Array(0), reals: new Float64Array(0), bytes: new Uint8Array(0) }

/** The present of a run, to be copied elsewhere; its columns are still those of the run. */
export function presentOf({ scenario: _, ...run }: Simulation): Present {
  return { ...run, fleet: { ...run.fleet, telemetry: withoutTimes(run.fleet.telemetry) } }
}

function withoutTimes(telemetry: Telemetry): Telemetry {
  return {
    ...telemetry,
    bins: none.integers,
    sliceBins: none.integers,
    touched: none.bytes,
    windowBins: none.integers,
    pastBins: none.reals,
    stepBins: none.reals,
    poolMarks: none.reals,
  }
}
