import type { z } from 'zod'
import type { Refusal } from './protocol'

const longestValue = 120

/** Why a schema does not take an input: its first complaint, with the field, what came and what was expected. */
export function refusalOf(error: z.ZodError, input: unknown, root = 'body'): Refusal {
  const issue = error.issues[0]
  if (!issue) return refuse(root, input, 'something else')
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys
    return refuse(fieldOf([...issue.path, key], root), at(input, [...issue.path, key]), 'no such field')
  }
  return refuse(fieldOf(issue.path, root), at(input, issue.path), expectedBy(issue))
}

/** A refusal whose value is short enough to be shown. */
export function refuse(field: string, value: unknown, expected: string): Refusal {
  return { field, value: shown(value), expected }
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? issue.expected
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options) ? `one of ${issue.options.join(', ')}` : issue.message
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int'
        ? issue.inclusive
          ? `${issue.minimum} or more`
          : `more than ${issue.minimum}`
        : `at least ${issue.minimum} ${partsOf(issue.origin)}`
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `${issue.maximum} or less`
        : `at most ${issue.maximum} ${partsOf(issue.origin)}`
    case 'invalid_key':
      return issue.issues[0] ? `a name of ${expectedBy(issue.issues[0])}` : issue.message
    case 'custom':
    case 'invalid_format':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return issue.message
  }
}

const typeNames: Partial<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
}

function partsOf(origin: string): string {
  return origin === 'string' ? 'characters' : 'entries'
}

function fieldOf(path: readonly PropertyKey[], root: string): string {
  if (path.length === 0) return root
  return path.reduce<string>(
    (field, key) => (typeof key === 'number' ? `${field}[${key}]` : field ? `${field}.${name(key)}` : name(key)),
    '',
  )
}

function name(key: PropertyKey): string {
  const text = String(key)
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  )
}

function shown(value: unknown): unknown {
  if (value === undefined) return null
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  const text = typeof value === 'string' ? value : textOf(value)
  if (text === null) return Array.isArray(value) ? '[…' : '{…'
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : value
}

/** `null` where it is nested too deep to be written out. */
function textOf(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return null
  }
}
