import { expect, test } from 'vitest'
import { families, ids, opened, seconds, span } from '../../client/url-state'

test.for([
  [seconds, '12.5', 12.5],
  [seconds, '-1', undefined],
  [seconds, '1e3', undefined],
  [seconds, '', undefined],
  [span, '60-120', { from: 60, to: 120 }],
  [span, '120-60', undefined],
  [span, '60', undefined],
  [span, '60-120-180', undefined],
  [families, 'hopper,rubin,hopper', ['hopper', 'rubin']],
  [families, 'hopper,abacus', undefined],
  [families, 'constructor', undefined],
  [opened, 'hopper,rubin', ['hopper', 'rubin']],
  [opened, 'none', []],
  [opened, 'none,hopper', undefined],
  [ids, 'chat,ttft-workload', ['chat', 'ttft-workload']],
  [ids, 'chat,<b>', undefined],
] as const)('%# of the address: what is expected is read, all else is not', ([codec, text, value]) => {
  expect(codec.read(text)).toEqual(value)
})

test('what is written is read again', () => {
  expect(span.read(span.write({ from: 0.125, to: 3600 }))).toEqual({ from: 0.125, to: 3600 })
  expect(families.read(families.write(['groq-lpu', 'hopper']))).toEqual(['groq-lpu', 'hopper'])
  expect(opened.read(opened.write([]))).toEqual([])
  expect(seconds.read(seconds.write(1 / 3))).toBe(0.333)
})
