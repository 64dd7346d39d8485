import { describe, expect, test } from 'vitest'
import { calibrations, findCalibration } from '../../simulation/catalog/calibration'
import { chips, type Precision } from '../../simulation/catalog/chips'
import { bytesPerElement, kvBytesPerToken, models, weightBytes } from '../../simulation/catalog/models'
import { findPower } from '../../simulation/catalog/power'
import { chipHour, economics, ownershipPerHour, prices } from '../../simulation/catalog/prices'
import type { Source } from '../../simulation/catalog/source'
import { powerBeyondChip, unlistedPower } from '../../simulation/catalog/system-power'
import { findSystem, systems } from '../../simulation/catalog/systems'
import { GB, GiB, KWH, TFLOPS } from '../../simulation/units'

const bases = ['measured', 'vendor', 'list price', 'estimate', 'modelled']

/** A source that a reader can follow: a basis, words and a year, the machine it was read on left out. */
function expectSource(source: Source | undefined, of: string): void {
  expect(bases, of).toContain(source?.basis)
  expect(source?.source.length, of).toBeGreaterThan(3)
  expect(source?.source, of).not.toMatch(/\/work\/|\.\.\//)
  expect(source?.date, of).toMatch(/^20\d\d(-\d\d(-\d\d)?)?$/)
}

const chipNames = Object.keys(chips)

describe('chips', () => {
  const fields = [
    'peakFlops',
    'memory',
    'memoryBandwidth',
    'scaleUpBandwidth',
    'scaleUpDomain',
    'scaleOutBandwidth',
    'powerLimit',
  ] as const

  test.each(chipNames)('every figure of %s has a source, and what nobody publishes has none', name => {
    const chip = chips[name]
    for (const field of fields) {
      if (chip?.[field] === null) expect(chip.sources[field], `${name}.${field}`).toBeUndefined()
      else expectSource(chip?.sources[field], `${name}.${field}`)
    }
  })

  test.each(chipNames)('%s has finite positive figures', name => {
    const chip = chips[name]
    const peaks = Object.values(chip?.peakFlops ?? {})
    expect(peaks.length).toBeGreaterThan(0)
    const figures = [...peaks, ...fields.slice(1).map(field => chip?.[field] ?? 1)]
    for (const figure of figures) {
      expect(figure).toBeGreaterThan(0)
      expect(figure).toBeLessThan(Infinity)
    }
  })

  test('a chip that works only beside another names one that stands alone', () => {
    const paired = Object.values(chips).filter(chip => chip.pairedWith !== undefined)
    expect(paired.map(chip => chip.name)).toEqual(['Groq 3 LPU'])
    for (const { pairedWith } of paired) expect(chips[pairedWith ?? '']?.pairedWith).toBeUndefined()
  })

  test('peaks are dense, sizes are in the unit of the vendor, links are one way', () => {
    expect(chips.h100?.peakFlops.fp8).toBe(1979 * TFLOPS)
    expect(chips.rubin?.peakFlops.fp4).toBe(35_000 * TFLOPS)
    expect(chips.h100?.memory).toBe(80 * GB)
    expect(chips.trainium2?.memory).toBe(96 * GiB)
    expect(chips.b200?.scaleUpBandwidth).toBe(900 * GB)
    expect(chips['groq-lpu-v1']?.peakFlops.fp8).toBeUndefined()
  })
})

describe('models', () => {
  test.each(Object.keys(models))('%s has a source and adds up', name => {
    const model = models[name]
    if (!model) throw new Error(name)
    expectSource(model.source, name)
    expect(weightBytes(model, 'fp8')).toBe(model.parameters)
    if (model.kind === 'single-shot') {
      expect(model.denseParameters).toBeLessThanOrEqual(model.parameters)
      return
    }
    expect(kvBytesPerToken(model)).toBeGreaterThan(0)
    if (model.experts === undefined) {
      expect(model.activeParameters).toBe(model.parameters)
      return
    }
    // a token touches its experts and at most all that is not an expert
    const { expertParameters = 0, expertsPerToken = 0 } = model
    const routed = (expertParameters * expertsPerToken) / model.experts
    expect(model.activeParameters).toBeGreaterThan(routed)
    expect(model.activeParameters).toBeLessThanOrEqual(routed + model.parameters - expertParameters)
  })

  test('a token of Llama 3.1 70B keeps 320 KiB of KV cache, one of DeepSeek V3 about 69 KiB', () => {
    expect(kvBytesOf('llama-3.1-70b')).toBe(320 * 1024)
    expect(kvBytesOf('deepseek-v3')).toBe(61 * 576 * 2)
  })

  test('an element takes two bytes, one or half of one', () => {
    const sizes: [Precision, number][] = [
      ['bf16', 2],
      ['fp16', 2],
      ['fp8', 1],
      ['int8', 1],
      ['fp4', 0.5],
      ['int4', 0.5],
    ]
    for (const [precision, bytes] of sizes) expect(bytesPerElement(precision), precision).toBe(bytes)
  })
})

describe('prices', () => {
  test.each(chipNames)('every price of %s has a source', name => {
    expect(prices[name]).toBeDefined()
    for (const fact of Object.values(prices[name] ?? {})) if (fact) expectSource(fact, name)
  })

  test('the constants have sources and are in base units', () => {
    for (const [name, fact] of Object.entries(economics)) expectSource(fact, name)
    expect(economics.electricity.value * KWH).toBeCloseTo(0.0861, 10)
    expect(economics.carbon.value * KWH).toBeCloseTo(367, 8)
  })

  test('an owned H100 costs less by the hour than a rented one, and is marked as modelled', () => {
    const owned = ownershipPerHour('h100')
    expect(owned?.basis).toBe('modelled')
    // analysts put it at 1.30 $/h for a large cloud
    expect(owned?.value).toBeGreaterThan(0.9)
    expect(owned?.value).toBeLessThan(1.7)
    expect(prices.h100?.list?.value).toBeCloseTo(6.88, 10)
  })

  test('the cost of owning adds capital and operation, the building and electricity', () => {
    // 30,000 $ · 1.3 · 1.08 over 5 years; 1,275 W at 12 $/W over 12 years, and at PUE 1.14 and 0.0861 $/kWh
    const byHand = (30_000 * 1.3 * 1.08) / (5 * 8760) + (1275 * 12) / (12 * 8760) + 1.275 * 1.14 * 0.0861
    expect(ownershipPerHour('h100')?.value).toBeCloseTo(byHand, 10)
  })

  test('what has no public price has no cost', () => {
    expect(ownershipPerHour('groq-lpu-v1')).toBeNull()
    expect(ownershipPerHour('trainium1')).toBeNull()
    expect(ownershipPerHour('no such chip')).toBeNull()
    expect(prices.rubin?.list).toBeNull()
  })

  test('a chip-hour is priced by ownership unless the list price is asked for', () => {
    expect(chipHour('h100')).toEqual(ownershipPerHour('h100'))
    expect(chipHour('h100', 'list')).toEqual(prices.h100?.list)
    expect(chipHour('trainium1')).toBeNull()
    expect(chipHour('trainium1', 'list')?.value).toBeCloseTo(1.34, 2)
  })
})

describe('systems', () => {
  test.each(systems.map(system => [system.name, system] as const))(
    '%s holds known chips and sourced parts',
    (_, system) => {
      const chip = chips[system.chip]
      expect(chip).toBeDefined()
      expect(system.chips).toBeLessThanOrEqual(chip?.scaleUpDomain ?? Infinity)
      expectSource(system.source, system.name)
      for (const part of system.parts) {
        expectSource(part.source, part.name)
        for (const fact of [part.watts, part.price]) if (fact) expectSource(fact, part.name)
        for (const figure of [part.count, part.bandwidth, part.watts?.value, part.price?.value])
          if (typeof figure === 'number') expect(figure, part.name).toBeGreaterThan(0)
      }
    },
  )

  test.each(systems.map(system => [system.name, system] as const))(
    'the parts of %s draw no more than all of it',
    (_, system) => {
      const limit = chips[system.chip]?.powerLimit ?? null
      const stated = prices[system.chip]?.systemPower
      if (limit === null || !stated) return
      const parts = system.parts.filter(({ outside }) => !outside)
      const drawn = parts.reduce(
        (sum, { count, watts }) => sum + (count ?? 0) * (watts?.value ?? 0),
        system.chips * limit,
      )
      expect(drawn).toBeLessThanOrEqual(stated.value * system.chips)
      expect(drawn + (unlistedPower(system, limit)?.value ?? 0)).toBeCloseTo(stated.value * system.chips, 3)
    },
  )

  test('the Vera Rubin platform has its seven chips', () => {
    const parts = [findSystem('rubin'), findSystem('groq-3-lpu')].flatMap(system => system?.parts ?? [])
    for (const name of ['Vera CPU', 'NVLink 6 switch tray', 'ConnectX-9 SuperNIC', 'BlueField-4', 'Spectrum-6'])
      expect(parts.map(part => part.name)).toContain(name)
    expect(chips).toMatchObject({ rubin: {}, 'groq-3-lpu': {} })
  })

  test('a chip draws its share of the rack and of the Ethernet fabric, and what nobody publishes counts nothing', () => {
    // 142 kW of rack, and 3.375 switches of 500 W for the 57.6 Tb/s of its cards
    expect(powerBeyondChip('gb300', 1400)).toBeCloseTo(142_000 / 72 - 1400 + (3.375 * 500) / 72, 6)
    expect(powerBeyondChip('trainium2', 500)).toBe(0)
    expect(powerBeyondChip('no such chip', 500)).toBe(0)
  })

  test('links are one way: an NVLink 5 rack carries 65 TB/s, its cards as much as the chips send', () => {
    const bandwidth = (chip: string, kind: string) =>
      findSystem(chip)?.parts.find(part => part.kind === kind)?.bandwidth
    expect(bandwidth('gb200', 'scale-up switch')).toBe(65e12)
    for (const { chip, chips: count } of systems) {
      const cards = bandwidth(chip, 'network card')
      const each = chips[chip]?.scaleOutBandwidth ?? null
      if (typeof cards === 'number' && each !== null) expect(cards / count, chip).toBeCloseTo(each, -6)
    }
  })
})

describe('calibrations', () => {
  const named = calibrations.map(
    entry =>
      [`${entry.chip} ${entry.engine} ${entry.precision} ${entry.architecture} ${entry.model ?? ''}`, entry] as const,
  )

  test.each(named)('%s is physical, sourced, and of a precision that the chip has', (_, entry) => {
    // weights of 4 bits run as 16 where a chip has no arithmetic for them
    const arithmetic = bytesPerElement(entry.precision) < 1 ? 'bf16' : entry.precision
    expect(chips[entry.chip]?.peakFlops[arithmetic]).toBeDefined()
    expectSource(entry, entry.chip)
    expect(entry.linkEfficiency).toBeLessThanOrEqual(1)
    for (const share of [entry.mfu, entry.expertMfu, entry.attentionMfu, entry.mbu, entry.expertMbu]) {
      expect(share).toBeGreaterThan(0)
      expect(share).toBeLessThanOrEqual(1)
    }
    const { stepOverhead, layerOverhead, sequenceOverhead, collectiveLatency, ingest, ingestPerToken } = entry
    for (const time of [stepOverhead, layerOverhead, sequenceOverhead, collectiveLatency, ingest, ingestPerToken]) {
      expect(time).toBeGreaterThanOrEqual(0)
      expect(time).toBeLessThan(1)
    }
    expect(entry.firstPass).toBeGreaterThanOrEqual(0)
  })

  test.each(named)('%s states its error if measured and its parent if not', (_, entry) => {
    if (entry.basis === 'modelled') {
      expect(chips[entry.inheritedFrom ?? '']).toBeDefined()
      expect(entry.error).toBeUndefined()
    }
    if (entry.basis === 'measured') {
      expect(entry.inheritedFrom).toBeUndefined()
      expect(entry.error?.rows).toBeGreaterThan(0)
      expect(entry.error?.tpot).toBeLessThan(0.2)
    }
  })

  test('no chip, engine, precision, kind of model and model has two sets', () => {
    expect(new Set(named.map(([name]) => name)).size).toBe(named.length)
  })

  test('every chip can serve with its engine', () => {
    for (const [name, chip] of Object.entries(chips)) {
      const engine = chip.vendor === 'AWS' ? 'neuron' : chip.family === 'groq-lpu' ? 'groq' : 'vllm'
      const served = (Object.keys(chip.peakFlops) as Precision[]).filter(at => findCalibration(name, engine, at))
      expect(served.length, name).toBeGreaterThan(0)
    }
  })
})

test('every chip has a power model that draws at most its limit when idle and more under load', () => {
  for (const name of chipNames) {
    const power = findPower(name)
    expect(power, name).toBeDefined()
    expect(power?.idle).toBeGreaterThan(0)
    expect(power?.idle).toBeLessThan(1)
    expect((power?.compute ?? 0) + (power?.memory ?? 0), name).toBeGreaterThan(0)
    if (power) expectSource(power, name)
    if (power?.basis === 'measured') expect(power.error?.rows).toBeGreaterThan(0)
    else expect(chips[power?.inheritedFrom ?? '']).toBeDefined()
  }
})

function kvBytesOf(name: string): number {
  const model = models[name]
  if (model?.kind !== 'tokens') throw new Error(name)
  return kvBytesPerToken(model)
}
