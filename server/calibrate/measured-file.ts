import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { z } from 'zod'
import { refusalOf } from '../refusal'

/** The rows of a CSV file, as the schema gives them; throws with file, line, field, value and what was expected. */
export function readCsv<Row>(path: string, schema: z.ZodType<Row>): Row[] {
  const [header = '', ...lines] = readText(path).replace(/\r/g, '').trimEnd().split('\n')
  const columns = header.split(',')
  return lines.map((line, index) => {
    const cells = line.split(',')
    const place = `${basename(path)}:${index + 2}`
    if (cells.length !== columns.length) {
      throw new Error(`${place}: columns: ${cells.length}, expected ${columns.length}`)
    }
    return parse(place, schema, Object.fromEntries(columns.map((column, i) => [column, cells[i]])))
  })
}

/** The content of a JSON file, as the schema gives it; throws with file, field, value and what was expected. */
export function readJson<Content>(path: string, schema: z.ZodType<Content>): Content {
  const text = readText(path)
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (error) {
    throw new Error(`${basename(path)}: ${error instanceof Error ? error.message : 'unreadable'}, expected JSON`)
  }
  return parse(basename(path), schema, content)
}

function parse<Content>(place: string, schema: z.ZodType<Content>, content: unknown): Content {
  const parsed = schema.safeParse(content)
  if (parsed.success) return parsed.data
  const { field, value, expected } = refusalOf(parsed.error, content, 'content')
  throw new Error(`${place}: ${field}: ${JSON.stringify(value)}, expected ${expected}`)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new Error(`${path}: unreadable, expected a file of measurements`)
  }
}
