import { createHash } from 'node:crypto'
import { advance, createSimulation, fleets, setRouting, takeFrame, type Routing } from '../../simulation/index'

/** Twenty seconds of the default fleet, all shares turned round in the middle: one number for every bit of its frames. */
export function goldenHash(): string {
  const { default: fleet } = fleets
  if (!fleet) throw new Error('there is no default fleet')
  const simulation = createSimulation({ fleet, seed: 20 })
  const hash = createHash('sha256')
  for (let sequence = 1; sequence <= 80; sequence++) {
    advance(simulation, sequence / 4)
    hash.update(JSON.stringify(takeFrame(simulation, sequence)))
    if (sequence === 40) setRouting(simulation, turnRound(fleet.routing), 2)
  }
  return hash.digest('hex')
}

/** The first route gets the share of the last, and so on. */
function turnRound(routing: Routing): Routing {
  return Object.fromEntries(
    Object.entries(routing).map(([workload, routes]) => [
      workload,
      routes.map((route, index) => ({ ...route, share: routes.at(-1 - index)?.share ?? route.share })),
    ]),
  )
}
