import type { CommandEntry } from '../../server/journal/entry'
import { createPilot } from '../../server/rollout/pilot'
import { advance, createSimulation, fleets, setRouting, takeFrame, timeOf, type Frame } from '../../simulation/index'

/** Of the default fleet: the frames at which the ramp acts in a run of the same commands, and the newest frame of that. */
export function neverKilled(seed: number, journal: CommandEntry[], last: number): { acts: number[]; frame: Frame } {
  const { default: fleet } = fleets
  if (!fleet) throw new Error('there is no default fleet')
  const simulation = createSimulation({ fleet, seed })
  const pilot = createPilot(simulation, null)
  const acts: number[] = []
  for (let sequence = 1; ; sequence++) {
    advance(simulation, sequence <= 300 ? sequence : timeOf(simulation) + 1 / 4)
    const frame = takeFrame(simulation, sequence)
    pilot.look(frame)
    if (pilot.due()) acts.push(sequence)
    if (sequence === last) return { acts, frame }
    for (const { effect } of journal.filter(command => command.sequence === sequence)) {
      if (effect?.kind === 'ramp') pilot.begin(effect.plan)
      if (effect?.kind === 'turn') pilot.turn(effect.turn)
      if (effect?.kind !== 'routing') continue
      setRouting(simulation, effect.routing, effect.revision)
      if (effect.ramp) pilot.turn(effect.ramp)
    }
  }
}
