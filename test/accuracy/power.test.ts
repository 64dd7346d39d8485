import { describe, expect, test } from 'vitest'
import { heldOutPower, fitChip, powerError, powerRows } from '../../server/calibrate/power'
import { medianError, quantileError } from '../../server/calibrate/held-out'
import { carbonIntensity } from '../../simulation/catalog/carbon'
import { powerMeasurements } from '../../simulation/catalog/measurements/power'
import { clocks, findPower } from '../../simulation/catalog/power'
import { cappedClock, createPowerModel, drawnPower, idle, slowdownAt } from '../../simulation/serving/power'
import { KWH } from '../../simulation/units'

const rows = powerRows(powerMeasurements)
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

describe.each(['h100', 'b200'])('power of the %s', chip => {
  const own = rows.filter(row => row.chip === chip)

  test('is near what was measured, also for a model that the fit did not see', () => {
    const shares = findPower(chip)
    if (!shares) throw new Error(chip)
    const errors = own.map(row => powerError(row, shares))
    const heldOut = heldOutPower(own)
    console.log(
      `power, ${chip}: ${own.length} rows, median ${percent(medianError(errors))}, model left out ` +
        `${percent(medianError(heldOut))}, p90 ${percent(quantileError(heldOut, 0.9))}`,
    )
    expect(medianError(errors)).toBeLessThanOrEqual((shares.error?.power ?? 0) + 0.002)
    expect(medianError(heldOut)).toBeLessThanOrEqual(0.07)
  })

  test('has the shares in the catalog that a fit to the table gives', () => {
    const { active, dense, memory, compute } = fitChip(chip, rows)
    const shares = findPower(chip)
    for (const [fitted, kept] of [
      [active, shares?.active],
      [dense, shares?.dense],
      [memory, shares?.memory],
      [compute, shares?.compute],
    ] as const) {
      expect(Math.abs(fitted - (kept ?? NaN))).toBeLessThanOrEqual(0.005)
    }
  })
})

test('an inherited figure is as wide as one measured chip is off on the other', () => {
  const off = (from: string, to: string): number => {
    const shares = findPower(from)
    if (!shares) throw new Error(from)
    return medianError(rows.filter(({ chip }) => chip === to).map(row => powerError(row, shares)))
  }
  const worse = Math.max(off('h100', 'b200'), off('b200', 'h100'))
  console.log(`power, one measured chip for the other: median ${percent(worse)}`)
  for (const chip of ['rubin', 'groq-3-lpu']) expect(findPower(chip)?.spread).toBeCloseTo(worse, 1)
  expect(findPower('h100')?.spread).toBeUndefined()
})

describe('a power cap', () => {
  const work = { mfu: 0.6, mbu: 0.8, perToken: 1e-5, mixture: false }
  const prefill = { busy: 1, compute: 1, memory: 0.02, steps: 12 }
  const decode = { busy: 1, compute: 0.05, memory: 0.85, steps: 100 }

  function h100() {
    const power = createPowerModel('h100', work)
    if (!power) throw new Error('h100')
    return power
  }

  test('above what a chip draws changes nothing', () => {
    expect(cappedClock(h100(), decode, 700)).toBe(1)
    expect(cappedClock(h100(), idle, 100)).toBe(1)
  })

  test('lowers the clock until the chip keeps to it, and slows prefill more than decode', () => {
    const power = h100()
    for (const cap of [450, 550, 650]) {
      const clock = cappedClock(power, prefill, cap)
      expect(clock).toBeLessThan(1)
      const slowdown = slowdownAt(clock, 1)
      const slowed = { busy: 1, compute: 1 / slowdown, memory: 0.02 / slowdown, steps: 12 / slowdown }
      expect(drawnPower(power, slowed, clock, cap) / power.pue - power.rest).toBeCloseTo(cap, 6)
      expect(slowdownAt(clock, 0.05)).toBeLessThan(1.06)
    }
  })

  test('takes as much prefill speed as a measured sweep of limits', () => {
    // six RTX 3090 of 350 W, tokens per second at a limit in W: llmgarage.ai, 2026-02
    const sweep = [
      [300, 9326 / 9893],
      [250, 8436 / 9893],
      [200, 5941 / 9893],
    ] as const
    const power = { ...h100(), limit: 350, parts: { active: 0, memory: 0, compute: 0.8 / 0.6 } }
    const full = { ...power, perToken: 0 }
    for (const [cap, speed] of sweep) {
      const clock = cappedClock(full, prefill, cap)
      expect(1 / slowdownAt(clock, 1) / speed).toBeGreaterThan(0.92)
      expect(1 / slowdownAt(clock, 1) / speed).toBeLessThan(1.08)
    }
  })

  test('and heat slow arithmetic alone: an overheated chip takes twice as long for it, and draws less', () => {
    const clock = clocks.overheated.value
    expect(slowdownAt(clock, 1)).toBe(2)
    expect(slowdownAt(clock, 0)).toBe(1)
    expect(drawnPower(h100(), decode, clock)).toBeLessThan(drawnPower(h100(), decode))
  })

  test('that cannot be kept leaves the lowest clock', () => {
    expect(cappedClock(h100(), prefill, 50)).toBeCloseTo(clocks.lowest.value, 6)
  })
})

test('carbon of a zone is that of its grid, and the mean of the country where the grid is not known', () => {
  expect(carbonIntensity('west-1').value * KWH).toBeCloseTo(198.7, 6)
  expect(carbonIntensity('east-2').value).toBeGreaterThan(carbonIntensity('east-1').value)
  expect(carbonIntensity('a').value * KWH).toBeCloseTo(367, 6)
})
