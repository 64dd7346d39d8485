import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { io } from 'socket.io-client'
import type { Pace } from '../../server/protocol'
import { acknowledgeFrames } from '../support/acknowledge'
import { launchChromium } from '../support/launch'
import { startBuiltServer } from '../support/built-server'
import { rounded, tell, type Benchmark, type Measured } from './benchmark'

const minutes = 10
const speed = 60
const sampleSeconds = 5
/** The lowest of so many samples in a row stands for them, so that what waits for collection is not taken for growth. */
const samplesPerPoint = 6

interface Sample {
  /** Since the clients came [minutes]. */
  minute: number
  /** [MB] */
  server: number
  page: number
}

interface Soak {
  samples: Sample[]
  pace: Pace | null
}

const soak = once(runSoak)

export const benchmarks: Benchmark[] = [
  {
    name: 'soak.server-mb-per-minute',
    unit: 'MB/min',
    bar: 1,
    better: 'lower',
    long: true,
    measure: async () => judge(await soak(), ({ server }) => server),
  },
  {
    name: 'soak.page-mb-per-minute',
    unit: 'MB/min',
    bar: 1,
    better: 'lower',
    long: true,
    measure: async () => judge(await soak(), ({ page }) => page),
  },
]

/** Ten minutes at 60× with one page and three bare clients. */
async function runSoak(): Promise<Soak> {
  const server = await startBuiltServer({ flags: ['--speed', String(speed)] })
  const browser = await launchChromium()
  const sockets = [1, 2, 3].map(() => io(server.url, { transports: ['websocket'], forceNew: true }))
  sockets.forEach(acknowledgeFrames)
  const soak: Soak = { samples: [], pace: null }
  sockets[0]?.on('pace', (pace: Pace) => (soak.pace = pace))
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
    await page.goto(server.url)
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Performance.enable')
    const began = performance.now()
    const elapsed = () => (performance.now() - began) / 60_000
    while (elapsed() < minutes) {
      await wait(sampleSeconds * 1000)
      await devtools.send('HeapProfiler.collectGarbage')
      const { metrics } = await devtools.send('Performance.getMetrics')
      const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? NaN
      soak.samples.push({ minute: elapsed(), server: residentMemory(server.pid), page: heap / 1e6 })
      if (soak.samples.length % 12 === 0) tell(JSON.stringify(soak.samples.at(-1)))
    }
    return soak
  } finally {
    for (const socket of sockets) socket.disconnect()
    await browser.close()
    await server.stop()
  }
}

/** Growth after the first minute, and that of the second half alone. */
function judge({ samples, pace }: Soak, of: (sample: Sample) => number): Measured {
  const settled = samples.filter(({ minute }) => minute > 1)
  const points = Array.from({ length: Math.floor(settled.length / samplesPerPoint) }, (_, index) => {
    const group = settled.slice(index * samplesPerPoint, (index + 1) * samplesPerPoint)
    return { minute: mean(group.map(({ minute }) => minute)), megabytes: Math.min(...group.map(of)) }
  })
  return {
    value: slope(points),
    secondHalf: slope(points.filter(({ minute }) => minute > minutes / 2)),
    mbAfterOneMinute: rounded(points[0]?.megabytes ?? NaN),
    mbAtTheEnd: rounded(points.at(-1)?.megabytes ?? NaN),
    minutes,
    speed,
    clients: 4,
    secondsLost: pace?.lost ?? 0,
  }
}

/** By least squares [MB/min]. */
function slope(points: { minute: number; megabytes: number }[]): number {
  const x = mean(points.map(({ minute }) => minute))
  const y = mean(points.map(({ megabytes }) => megabytes))
  const covariance = mean(points.map(({ minute, megabytes }) => (minute - x) * (megabytes - y)))
  return rounded(covariance / mean(points.map(({ minute }) => (minute - x) * (minute - x))))
}

/** Of a process, threads and all, as Linux counts it [MB]. */
function residentMemory(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (Number(kilobytes) * 1024) / 1e6
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Two benchmarks share one soak. */
function once<T>(run: () => Promise<T>): () => Promise<T> {
  const begun: Promise<T>[] = []
  return () => (begun[0] ??= run())
}
