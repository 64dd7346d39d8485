import {
  figuresOf,
  forecastBlocks,
  markOf,
  tallySince,
  timeOf,
  type FleetOutlook,
  type Figure,
  type Mark,
  type Simulation,
} from '../../simulation/index'

/** How far forecasts look ahead, and the length of their blocks [simulated s]. */
export const horizon = 600
export const blockSeconds = horizon / forecastBlocks

/** What happened since a change of routing. */
export interface Outcome {
  revision: number
  /** Whole blocks since the change, and the seconds that the figures are of. */
  blocks: number
  seconds: number
  fleet: Record<FleetOutlook, Figure>
  /** By workload. */
  ttftP95: Figure[]
}

export interface Outcomes {
  /** A change took effect now; what came of the one before is told no more. */
  begin(revision: number): void
  /** To be called after each step: what happened up to the end of a block that is just over, if one is. */
  look(): Outcome | null
}

/** Watches what comes of the newest change, block by block, up to the horizon of forecasts. */
export function createOutcomes(simulation: Simulation): Outcomes {
  let watched: { revision: number; start: number; mark: Mark; blocks: number } | null = null
  return { begin, look }

  function begin(revision: number): void {
    watched = { revision, start: timeOf(simulation), mark: markOf(simulation), blocks: 0 }
  }

  function look(): Outcome | null {
    if (!watched) return null
    const { revision, start, mark } = watched
    const seconds = timeOf(simulation) - start
    const blocks = Math.min(forecastBlocks, Math.floor(seconds / blockSeconds + 1e-9))
    if (blocks <= watched.blocks) return null
    watched = blocks < forecastBlocks ? { ...watched, blocks } : null
    return { revision, blocks, seconds, ...figuresOf(tallySince(mark, simulation, { seconds })) }
  }
}
