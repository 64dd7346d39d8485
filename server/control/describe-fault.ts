import type { Fault } from '../../simulation/index'

/** What goes wrong, where, how much and for how long: "throttling of h200-chat to 60 % of its clock, for 300 s". */
export function describeFault(fault: Fault): string {
  return fault.duration === undefined ? whatOf(fault) : `${whatOf(fault)}, for ${fault.duration} s`
}

function whatOf(fault: Fault): string {
  switch (fault.kind) {
    case 'chip-loss':
      return `loss of a chip of ${placeOf(fault)}`
    case 'node-loss':
      return `loss of node ${fault.node} of ${fault.pool}`
    case 'throttling':
      return `throttling of ${placeOf(fault)}${fault.clock === undefined ? '' : ` to ${percent(fault.clock)} of its clock`}`
    case 'power-cap':
      return `power cap of ${fault.watts} W a chip in ${fault.pool}`
    case 'slow-link':
      return `links of ${fault.pool} ${fault.factor} times slower`
    case 'lost-rdma':
      return `links of ${fault.pool} fall back on TCP`
    case 'bad-deploy':
      return `bad deploy on ${fault.pool}: ${percent(fault.share)} of its requests fail`
    case 'stuck':
      return `${placeOf(fault)} stuck`
    case 'chip-price':
      return `price of ${fault.chip} ${fault.hour} $/h a chip`
    case 'electricity-price':
      return `price of electricity ${Number((fault.price * 3.6e6).toPrecision(4))} $/kWh`
  }
}

function placeOf({ pool, replica }: { pool: string; replica?: number }): string {
  return replica === undefined ? pool : `replica ${replica} of ${pool}`
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(4))} %`
}
