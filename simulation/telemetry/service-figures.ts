import { addF64, f64, i32 } from '../columns'
import type { Figure, ServiceMetric } from './frame'
import { BINS, quantile, type Histogram } from './histogram'
import { costPerMtok, usedCost } from './money'
import type { Reading, Selection } from './reading'
import { binsOf, inFlight, ITL, sumOf, TTFT } from './telemetry'

/** What flows serve, and how fast; what is there and what it costs includes copies. */
export function serviceFigures(reading: Reading, { flows, mirrored }: Selection): Record<ServiceMetric, Figure> {
  const { telemetry } = reading.simulation.fleet
  const ttft = fromWindow(reading, TTFT, flows, percentiles)
  const itl = fromWindow(reading, ITL, flows, percentiles)
  const all = mirrored.length > 0 ? [...flows, ...mirrored] : flows
  const running = all.reduce((sum, flow) => sum + f64(telemetry.flowRunning, flow), 0)
  const transferring = all.reduce((sum, flow) => sum + f64(telemetry.transferring, flow), 0)
  const present = all.reduce((sum, flow) => sum + inFlight(telemetry, flow), 0)
  return {
    finished: reading.flowRate('finished', flows),
    promptTokens: reading.flowRate('promptTokens', flows),
    outputTokens: reading.flowRate('outputTokens', flows),
    running,
    waiting: present - running - transferring,
    transferring,
    rejected: reading.flowRate('rejected', flows),
    cancelled: reading.flowRate('cancelled', flows),
    ttftP50: ttft.p50,
    ttftP95: ttft.p95,
    ttftCount: ttft.count,
    itlP50: itl.p50,
    itlP95: itl.p95,
    itlCount: itl.count,
    usedCost: usedCost(reading, all),
    costPerMtok: costPerMtok(reading, flows, mirrored),
  }
}

/** Part of the requests that left, however they did, which met all objectives; `null` if none left. */
export function attainment({ flowRate }: Reading, flows: readonly number[]): Figure {
  const left = flowRate('finished', flows) + flowRate('rejected', flows) + flowRate('cancelled', flows)
  return left > 0 ? flowRate('good', flows) / left : null
}

/** What a histogram of the window's samples of a timing tells; it is emptied for the next one. */
export function fromWindow<Told>(
  reading: Reading,
  timing: number,
  flows: readonly number[],
  tell: (histogram: Histogram) => Told,
): Told {
  const { histogram } = reading
  const { telemetry } = reading.simulation.fleet
  for (const flow of flows) {
    if (sumOf(telemetry, flow, timing) > 0) add(histogram, sparseOf(reading, flow, timing))
  }
  const told = tell(histogram)
  histogram.counts.fill(0)
  histogram.count = 0
  return told
}

export function percentiles(histogram: Histogram): { p50: Figure; p95: Figure; count: number } {
  return { p50: quantile(histogram, 0.5), p95: quantile(histogram, 0.95), count: histogram.count }
}

/** A row of a flow is read for itself, its workload, its family and the fleet: most of its bins are empty. */
function sparseOf({ samples, sparse }: Reading, flow: number, timing: number): Int32Array {
  const first = binsOf(flow, timing)
  return (sparse[first / BINS] ??= pairsOf(samples, first))
}

function pairsOf(samples: Int32Array, first: number): Int32Array {
  const pairs: number[] = []
  for (let bin = 0; bin < BINS; bin++) {
    const more = i32(samples, first + bin)
    if (more !== 0) pairs.push(bin, more)
  }
  return Int32Array.from(pairs)
}

function add(histogram: Histogram, pairs: Int32Array): void {
  const { counts } = histogram
  let count = 0
  for (let at = 0; at < pairs.length; at += 2) {
    const more = i32(pairs, at + 1)
    addF64(counts, i32(pairs, at), more)
    count += more
  }
  histogram.count += count
}
