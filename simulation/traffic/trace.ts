import type { Refusal } from '../routing/routing'
import { MS } from '../units'
import { parseTimestamp } from './timestamp'

/**
 * `azure`: CSV of the Azure LLM inference traces, under the header TIMESTAMP,ContextTokens,GeneratedTokens.
 * `mooncake`: a JSON object on each line with timestamp [ms], input_length, output_length and, unused here, hash_ids.
 */
export type TraceFormat = 'azure' | 'mooncake'

/** One request of a trace. */
export interface TraceRecord {
  /** Seconds on the clock of the file. */
  time: number
  prompt: number
  /** As in the file: 0 for a request that got no answer, which is replayed as 1 token. */
  output: number
}

export const longestLine = 65536
const columns = 'TIMESTAMP,ContextTokens,GeneratedTokens'
const mostTokens = 2147483647

/** The format that the first line shows, or a refusal of that line. */
export function detectTraceFormat(firstLine: string): TraceFormat | Refusal {
  const line = firstLine.trim()
  if (line.startsWith('{')) return 'mooncake'
  if (line.replaceAll(' ', '') === columns) return 'azure'
  return refuseLine(1, 'header', line, `${columns}, or an object of a Mooncake trace`)
}

/** Whether the first line of this format is a request already. */
export function startsWithRecord(format: TraceFormat): boolean {
  return format === 'mooncake'
}

/**
 * Reads one line. `previous` is the time of the line before, which this one may not precede. No request is without a
 * prompt, so 0 prompt tokens are refused; 0 output tokens are what a filtered or failed request leaves, and are taken.
 */
export function parseTraceLine(
  format: TraceFormat,
  line: string,
  lineNumber: number,
  previous = -Infinity,
): TraceRecord | Refusal {
  if (line.length > longestLine) return refuseLine(lineNumber, '', line, `a line of at most ${longestLine} characters`)
  const record = format === 'azure' ? parseAzure(line, lineNumber) : parseMooncake(line, lineNumber)
  if (isRefusal(record) || record.time >= previous) return record
  const field = format === 'azure' ? 'TIMESTAMP' : 'timestamp'
  return refuseLine(lineNumber, field, line, 'a time not before that of the line above')
}

export function isRefusal(result: object): result is Refusal {
  return 'expected' in result
}

/** A refusal of a line, or of one field in it; the value is cut to a length that can be shown. */
export function refuseLine(lineNumber: number, field: string, value: unknown, expected: string): Refusal {
  const shown = typeof value === 'string' && value.length > 80 ? `${value.slice(0, 80)}…` : value
  return { field: field ? `line ${lineNumber}: ${field}` : `line ${lineNumber}`, value: shown, expected }
}

function parseAzure(line: string, lineNumber: number): TraceRecord | Refusal {
  const cells = line.trim().split(',')
  const [timestamp, context, generated] = cells
  if (timestamp === undefined || context === undefined || generated === undefined || cells.length > 3)
    return refuseLine(lineNumber, '', line, `three columns, ${columns}`)
  const time = parseTimestamp(timestamp)
  if (time === null) return refuseLine(lineNumber, 'TIMESTAMP', timestamp, 'a time such as 2023-11-16 18:17:03.9799600')
  const prompt = wholeNumber(context)
  if (!isCount(prompt, 1)) return refuseLine(lineNumber, 'ContextTokens', context, countFrom(1))
  const output = wholeNumber(generated)
  if (!isCount(output, 0)) return refuseLine(lineNumber, 'GeneratedTokens', generated, countFrom(0))
  return { time, prompt, output }
}

function parseMooncake(line: string, lineNumber: number): TraceRecord | Refusal {
  const fields = parseObject(line)
  if (!fields) return refuseLine(lineNumber, '', line, 'a JSON object with timestamp, input_length and output_length')
  const { timestamp, input_length: prompt, output_length: output } = fields
  if (typeof timestamp !== 'number' || !(timestamp >= 0 && timestamp < 1e16))
    return refuseLine(lineNumber, 'timestamp', timestamp, 'milliseconds from 0')
  if (!isCount(prompt, 1)) return refuseLine(lineNumber, 'input_length', prompt, countFrom(1))
  if (!isCount(output, 0)) return refuseLine(lineNumber, 'output_length', output, countFrom(0))
  return { time: timestamp * MS, prompt, output }
}

function parseObject(line: string): { [field: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(line.trim())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null
  }
}

function wholeNumber(text: string): number {
  return /^ *\d{1,10} *$/.test(text) ? Number(text) : NaN
}

function countFrom(least: number): string {
  return `a whole number from ${least} to ${mostTokens}`
}

function isCount(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= mostTokens
}
