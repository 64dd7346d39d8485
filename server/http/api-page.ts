import type { ApiDocument, DocumentedEvent, DocumentedOperation, JsonSchema } from './document'

/** The document for people, as one page without scripts. */
export function apiPage({ info, paths, 'x-socket-events': events }: ApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      operationSection(`${method.toUpperCase()} ${path}`, operation),
    ),
  )
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${text(info.title)} interfaces</title><link rel="icon" type="image/svg+xml" href="/icon.svg"><link rel="stylesheet" href="/api/style.css"></head><body><main>`,
    `<h1>${text(info.title)} interfaces</h1><p>${text(info.description)}</p>`,
    '<p>For programs: <a href="/api/openapi.json">openapi.json</a></p>',
    `<h2>REST</h2>${operations.join('')}`,
    `<h2>Socket events from a client</h2>${eventSections(events.client)}`,
    `<h2>Socket events from the server</h2>${eventSections(events.server)}`,
    '</main></body></html>',
  ].join('\n')
}

export const apiStyle = `:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem }
h3 { font: 600 1rem/1.4 ui-monospace, monospace; margin: 1.75rem 0 0.25rem }
dt { font-weight: 600; margin-top: 0.5rem }
dd, p { margin: 0.25rem 0 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 0.75rem; border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: 4px }
`

function operationSection(
  title: string,
  { summary, parameters = [], requestBody, responses }: DocumentedOperation,
): string {
  const body = requestBody?.content['application/json']?.schema
  const given = parameters.map(({ name, in: place, description }) => entry(`${name} (${place})`, text(description)))
  const answers = Object.entries(responses).map(([status, { description, content = {} }]) => {
    const [type = '', { schema = undefined } = {}] = Object.entries(content)[0] ?? []
    return entry(`${status} ${type}`, `${text(description)}${schema ? code(schema) : ''}`)
  })
  return section(title, summary, [...given, ...(body ? [entry('body', code(body))] : []), ...answers])
}

function eventSections(events: Record<string, DocumentedEvent>): string {
  return Object.entries(events)
    .map(([name, { summary, payload, answer }]) =>
      section(name, summary, [entry('record', code(payload)), ...(answer ? [entry('answer', code(answer))] : [])]),
    )
    .join('')
}

function section(title: string, summary: string, entries: string[]): string {
  return `<section><h3>${text(title)}</h3><p>${text(summary)}</p><dl>${entries.join('')}</dl></section>`
}

function entry(name: string, html: string): string {
  return `<dt>${text(name)}</dt><dd>${html}</dd>`
}

function code(schema: JsonSchema): string {
  return `<pre>${text(shapeOf(schema, ''))}</pre>`
}

/** A schema in short: `{ revision: integer, reason?: string }`. */
function shapeOf(schema: unknown, indent: string): string {
  if (typeof schema !== 'object' || schema === null) return 'anything'
  const {
    const: constant,
    type,
    items,
    properties,
    required = [],
    additionalProperties,
    minimum,
    maximum,
    ...rest
  } = schema as JsonSchema
  if (constant !== undefined) return JSON.stringify(constant)
  if (rest.enum) return rest.enum.map(value => JSON.stringify(value)).join(' | ')
  const options = rest.anyOf ?? rest.oneOf
  if (options) return options.map(option => `${noteOf(option, indent)}${shapeOf(option, indent)}`).join(`\n${indent}| `)
  if (type === 'array') return `[${shapeOf(items, indent)}, …]`
  if (type !== 'object') return `${String(type ?? 'anything')}${rangeOf({ minimum, maximum })}`
  const deeper = `${indent}  `
  const fields = Object.entries(properties ?? {}).map(([name, field]) => {
    const note = typeof field === 'object' && field.description ? `  // ${field.description}` : ''
    return `${deeper}${name}${required.includes(name) ? '' : '?'}: ${shapeOf(field, deeper)}${note}`
  })
  if (additionalProperties && typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0)
    fields.push(`${deeper}[name]: ${shapeOf(additionalProperties, deeper)}`)
  else if (additionalProperties) fields.push(`${deeper}…`)
  return `{\n${fields.join('\n')}\n${indent}}`
}

/** What one of several shapes is for, on a line before it. */
function noteOf(schema: unknown, indent: string): string {
  const said = typeof schema === 'object' && schema !== null && 'description' in schema ? schema.description : undefined
  return typeof said === 'string' ? `// ${said}\n${indent}` : ''
}

function rangeOf({ minimum, maximum }: Pick<JsonSchema, 'minimum' | 'maximum'>): string {
  const bounds = [minimum, maximum].map(bound =>
    Math.abs(bound ?? Infinity) < Number.MAX_SAFE_INTEGER ? bound : undefined,
  )
  if (bounds.every(bound => bound === undefined)) return ''
  return ` ${bounds.map(bound => bound ?? '').join('…')}`
}

function text(value: string): string {
  return value.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`)
}
