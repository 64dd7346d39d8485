/** Typed quantities to text: the only place where units become words. Base units in; see each kind. */
import type { Figure } from '../simulation/index'

export type Kind =
  | 'tokens' // tokens/s
  | 'requests' // requests/s
  | 'latency' // s, shown in ms below a second
  | 'milliseconds' // s, for columns with ms in the head
  | 'seconds' // s, for columns with s in the head
  | 'costPerMtok' // $ per million tokens
  | 'spend' // $/s, shown per hour
  | 'energy' // J/token
  | 'power' // W
  | 'megawatts' // W, for columns with MW in the head
  | 'efficiency' // (tokens/s)/W, shown per MW
  | 'bandwidth' // bytes/s
  | 'memory' // bytes
  | 'peak' // FLOP/s
  | 'price' // $
  | 'share' // 0 to 1
  | 'level' // 0 to 1, in whole per cent
  | 'count'
  | 'mean' // a count on average
  | 'rate' // 1/s
  | 'samples' // a count, with k and M

/** `value` carries the digits, `unit` its prefix too: "3.84", "M tok/s". An unknown figure is "–", with its unit. */
export interface Quantity {
  value: string
  prefix: string
  unit: string
}

export const unknown = '–'
export const thin = '\u202f'
const space = '\u00a0'
const minus = '\u2212'

const kinds: Record<Kind, (figure: number) => Quantity> = {
  tokens: figure => prefixed(figure, 'tok/s'),
  requests: figure => prefixed(figure, 'req/s'),
  latency: figure => (Math.abs(figure) < 0.9995 ? plain(round(figure * 1e3, 1), 'ms') : plain(round(figure), 's')),
  milliseconds: figure => plain(round(figure * 1e3, 1), 'ms'),
  seconds: figure => plain(round(figure, 3), 's'),
  costPerMtok: figure => plain(round(figure, 3), '$/Mtok'),
  spend: figure => plain(grouped(figure * 3600), '$/h'),
  energy: figure => plain(round(figure), 'J/tok'),
  power: figure => watts(figure),
  megawatts: figure => plain(round(figure / 1e6, 3), 'MW'),
  efficiency: figure => prefixed(figure * 1e6, 'tok/s per MW'),
  bandwidth: figure => bytes(figure),
  memory: figure => plain(round(figure / 1e9, 1), 'GB'),
  peak: figure =>
    figure >= 999.5e12 ? plain(round(figure / 1e15), 'PFLOP/s') : plain(round(figure / 1e12), 'TFLOP/s'),
  price: figure => plain(grouped(figure), '$'),
  share: figure => plain(round(figure * 100, 1), '%'),
  level: figure => plain(grouped(figure * 100), '%'),
  count: figure => plain(grouped(figure), ''),
  mean: figure => plain(round(figure, 1), ''),
  rate: figure => plain(round(figure, 2), 'per s'),
  samples: figure => prefixed(Math.round(figure), '', 0),
}

const units: Record<Kind, string> = {
  tokens: 'tok/s',
  requests: 'req/s',
  latency: 'ms',
  milliseconds: 'ms',
  seconds: 's',
  costPerMtok: '$/Mtok',
  spend: '$/h',
  energy: 'J/tok',
  power: 'W',
  megawatts: 'MW',
  efficiency: 'tok/s per MW',
  bandwidth: 'GB/s',
  memory: 'GB',
  peak: 'TFLOP/s',
  price: '$',
  share: '%',
  level: '%',
  count: '',
  mean: '',
  rate: 'per s',
  samples: '',
}

/** Where a figure in base units has another than the one on the screen: for files. */
const baseUnits: Partial<Record<Kind, string>> = {
  latency: 's',
  milliseconds: 's',
  spend: '$/s',
  megawatts: 'W',
  efficiency: 'tok/s per W',
  bandwidth: 'B/s',
  memory: 'B',
  peak: 'FLOP/s',
  share: 'share, 0 to 1',
  level: 'share, 0 to 1',
}

/** Unit of a figure as it is kept and sent. */
export function baseUnit(kind: Kind): string {
  return baseUnits[kind] ?? units[kind]
}

export function quantity(kind: Kind, figure: Figure | undefined): Quantity {
  if (figure === null || figure === undefined || !Number.isFinite(figure))
    return { value: unknown, prefix: '', unit: units[kind] }
  return kinds[kind](figure)
}

/** Value, prefix and unit as one piece: "3.84 M tok/s", "75 %". */
export function text(kind: Kind, figure: Figure | undefined): string {
  const { value, unit } = quantity(kind, figure)
  if (value === unknown || unit === '') return digits(kind, figure)
  return digits(kind, figure) + (unit === '%' ? thin : space) + unit
}

/** Digits and prefix without the unit, for columns that name it in their head: "3.84 M". */
export function digits(kind: Kind, figure: Figure | undefined): string {
  const { value, prefix } = quantity(kind, figure)
  return prefix ? `${value}${thin}${prefix}` : value
}

/** A round figure without the zeros that carry nothing, for axes and limits: "0.8", "200 k", "5 s". */
export function tick(kind: Kind, figure: number): string {
  return digits(kind, figure).replace(/(\.\d*?)0+(?=\D|$)/, (_, kept: string) => (kept === '.' ? '' : kept))
}

/** A limit with its unit: "5 s", "500 ms". */
export function limit(kind: Kind, figure: number): string {
  return `${tick(kind, figure)}${space}${quantity(kind, figure).unit}`
}

/** With its sign, for differences: "+31 ms", "−0.6 %". */
export function signed(kind: Kind, figure: Figure | undefined): string {
  const words = text(kind, figure)
  return typeof figure === 'number' && figure > 0 ? `+${words}` : words
}

/** The same without the unit, beside a figure that has it: "+0.025". */
export function signedDigits(kind: Kind, figure: number): string {
  return figure > 0 ? `+${digits(kind, figure)}` : digits(kind, figure)
}

/** A difference of two figures: shares differ by points, "−0.8 pt". */
export function difference(kind: Kind, figure: Figure | undefined): string {
  return signed(kind, figure).replace('%', 'pt')
}

/** Digits of a share in per cent, one decimal where it has one: "40", "28.6". */
export function percentOf(share: number): string {
  return String(Math.round(share * 1000) / 10)
}

/** A share in whole per cent, as sliders and diffs show it. */
export function wholePercent(share: number): string {
  return `${grouped(share * 100)}${thin}%`
}

/** Clock of the run: 14:07:32, UTC. */
export function clock(epoch: string, seconds: number): string {
  return new Date(Date.parse(epoch) + seconds * 1000).toISOString().slice(11, 19)
}

/** Wed 14 Apr 2027, UTC. */
export function day(epoch: string, seconds: number): string {
  const words = new Date(Date.parse(epoch) + seconds * 1000).toUTCString()
  return words.slice(0, 16).replace(',', '')
}

/** Age or length of time in words: "0.2 s", "12 s", "4 min". */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)}${thin}s`
  if (seconds < 120) return `${grouped(seconds)}${thin}s`
  if (seconds < 7200) return `${grouped(seconds / 60)}${thin}min`
  return `${grouped(seconds / 3600)}${thin}h`
}

/** Three digits that matter, whole from 100 up, at most `decimals` behind the point; trailing zeros stay. */
export function round(figure: number, decimals = 2): string {
  const size = Math.abs(figure)
  const places = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : decimals
  return size === 0 ? '0' : grouped(figure, Math.min(places, decimals))
}

/** Thin spaces in thousands from 1 000 up, true minus. */
export function grouped(figure: number, places = 0): string {
  const [whole = '', fraction] = Math.abs(figure).toFixed(places).split('.')
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, thin) + (fraction ? `.${fraction}` : '')
  return figure < 0 && Number(figure.toFixed(places)) !== 0 ? minus + digits : digits
}

function plain(value: string, unit: string): Quantity {
  return { value, prefix: '', unit }
}

function prefixed(figure: number, unit: string, decimals = 1): Quantity {
  const size = Math.abs(figure)
  if (size >= 999_500) return { value: round(figure / 1e6), prefix: 'M', unit }
  if (size >= 9_995) return { value: round(figure / 1e3), prefix: 'k', unit }
  return { value: round(figure, size < 100 ? decimals : 0), prefix: '', unit }
}

function watts(figure: number): Quantity {
  const size = Math.abs(figure)
  if (size >= 999_500) return plain(round(figure / 1e6), 'MW')
  if (size >= 999.5) return plain(round(figure / 1e3), 'kW')
  return plain(round(figure, 0), 'W')
}

function bytes(figure: number): Quantity {
  const size = Math.abs(figure)
  if (size >= 999.5e12) return plain(round(figure / 1e15), 'PB/s')
  if (size >= 999.5e9) return plain(round(figure / 1e12), 'TB/s')
  if (size > 0 && size < 99.5e6) return plain(round(figure / 1e6, 1), 'MB/s')
  return plain(round(figure / 1e9, 1), 'GB/s')
}
