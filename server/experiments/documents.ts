import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Refusal } from '../../simulation/index'
import { parseExperiment } from './experiment'
import { checkTraces, type Inspections, type ReadyExperiment } from './traces'

/** Why a file of experiments is not run, in one line. */
export class BadFile extends Error {}

/** A document of a file, and what names it in a message. */
interface Placed {
  place: string
  document: unknown
}

/** All experiments of a file, `-` is standard input; nothing may run unless all are right. Fails with `BadFile`. */
export async function readExperiments(file: string): Promise<ReadyExperiment[]> {
  const content = await read(file)
  const placed = documentsOf(file, content.replace(/^\uFEFF/, ''))
  const parsed = placed.map(({ place, document }) => ({ place, experiment: accept(place, parseExperiment(document)) }))
  const inspections: Inspections = new Map()
  const ready: ReadyExperiment[] = []
  for (const { place, experiment } of parsed)
    ready.push(accept(place, await checkTraces(experiment, file === '-' ? '.' : dirname(file), inspections)))
  return ready
}

async function read(file: string): Promise<string> {
  try {
    return await (file === '-' ? text(process.stdin) : readFile(file, 'utf8'))
  } catch (error) {
    throw refused(`${file}: cannot be read, ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** One document, or one on each line: by the name of the file, or of standard input as it turns out. */
function documentsOf(file: string, content: string): Placed[] {
  const lines = content.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [{ line, place: `line ${i + 1}` }]))
  if (lines.length === 0) throw refused(`${file}: no experiment, expected one or more`)
  const apart = file.endsWith('.jsonl') || (file === '-' && parseJson(content) === undefined && lines.length > 1)
  if (!apart) return [place(file, content)]
  return lines.map(({ line, place: number }) => place(`${file}: ${number}`, line))
}

function place(name: string, content: string): Placed {
  const parsed = parseJson(content)
  if (parsed === undefined) throw refused(`${name}: not JSON, expected an experiment`)
  const { document } = parsed
  const named = typeof document === 'object' && document !== null && 'id' in document
  return { place: named ? `${name}: experiment ${short(document.id)}` : name, document }
}

function parseJson(content: string): { document: unknown } | undefined {
  try {
    return { document: JSON.parse(content) as unknown }
  } catch {
    return undefined
  }
}

function accept<Result extends object>(place: string, result: Result | Refusal): Result {
  if (!isRefusal(result)) return result
  const { field, value, expected } = result
  throw refused(`${place}: ${field}: ${JSON.stringify(value ?? null)}, expected ${expected}`)
}

function isRefusal(result: object): result is Refusal {
  return 'expected' in result
}

function short(id: unknown): string {
  return typeof id === 'string' && id.length > 100 ? JSON.stringify(`${id.slice(0, 100)}…`) : JSON.stringify(id)
}

/** Names of fields may hold anything, ends of lines too. */
function refused(message: string): BadFile {
  return new BadFile(message.replace(/\s+/g, ' '))
}
