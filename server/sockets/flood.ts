/** Who sends too much: packets counted per connection and second, and addresses refused for a while. */
export interface FloodGate {
  /** Whether a new connection from an address may come in. */
  admits(address: string): boolean
  meter(address: string): Meter
}

export interface Meter {
  /** Counts a packet. `refuse`: answer with a refusal. `end`: end the connection. */
  count(): 'take' | 'refuse' | 'end'
  /** Whether this second's packets are over the soft limit. */
  over(): boolean
}

export interface FloodLimits {
  /** Packets a second. */
  soft: number
  hard: number
  refuseMs: number
  now: () => number
}

const mostAddresses = 1000

export function createFloodGate({ soft, hard, refuseMs, now }: FloodLimits): FloodGate {
  const refusedUntil = new Map<string, number>()
  return { admits, meter }

  function admits(address: string): boolean {
    const until = refusedUntil.get(address)
    if (until === undefined) return true
    if (now() < until) return false
    refusedUntil.delete(address)
    return true
  }

  function meter(address: string): Meter {
    let second = now()
    let packets = 0
    const turn = () => {
      if (now() - second < 1000) return
      second = now()
      packets = 0
    }
    return {
      count: () => {
        turn()
        packets++
        if (packets <= soft) return 'take'
        if (packets <= hard) return 'refuse'
        refuse(address)
        return 'end'
      },
      over: () => {
        turn()
        return packets > soft
      },
    }
  }

  function refuse(address: string): void {
    const oldest = refusedUntil.keys().next()
    if (refusedUntil.size >= mostAddresses && !oldest.done) refusedUntil.delete(oldest.value)
    refusedUntil.delete(address)
    refusedUntil.set(address, now() + refuseMs)
  }
}
