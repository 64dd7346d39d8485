import { STATUS_CODES } from 'node:http'
import { z } from 'zod'
import { clientEvents, serverEvents, type EventShape } from '../sockets/events'
import type { Operation, OperationAnswer } from './operation'

export type JsonSchema = z.core.JSONSchema.BaseSchema

export interface DocumentedOperation {
  summary: string
  parameters?: { name: string; in: string; description: string; required: boolean; schema: JsonSchema }[]
  requestBody?: { required: true; content: Content }
  responses: Record<string, { description: string; content?: Content }>
}

export interface DocumentedEvent {
  summary: string
  payload: JsonSchema
  answer?: JsonSchema
}

type Content = Record<string, { schema?: JsonSchema }>

/** OpenAPI 3.1 of all operations; socket events, for which it has no place, stand under `x-socket-events`. */
export interface ApiDocument {
  openapi: string
  info: { title: string; version: string; description: string }
  paths: Record<string, Record<string, DocumentedOperation>>
  'x-socket-events': { client: Record<string, DocumentedEvent>; server: Record<string, DocumentedEvent> }
}

export function documentOf(operations: readonly Operation[]): ApiDocument {
  const paths: ApiDocument['paths'] = {}
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = describe(operation)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Headgate',
      version: '1',
      description:
        'Base units throughout: seconds, bytes, tokens, watts, joules, dollars; shares from 0 to 1. Whatever is refused ' +
        'names the field, its value and what was expected, and has changed nothing.',
    },
    paths,
    'x-socket-events': { client: describeEvents(clientEvents), server: describeEvents(serverEvents) },
  }
}

function describe({ summary, parameters, body, answers }: Operation): DocumentedOperation {
  return {
    summary,
    ...(parameters && {
      parameters: parameters.map(parameter => ({
        ...parameter,
        required: parameter.in === 'path',
        schema: schemaOf(parameter.schema),
      })),
    }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } } }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer, status)]),
    ),
  }
}

function describeAnswer({ description, schema, type }: OperationAnswer, status: string) {
  return {
    description: description || (STATUS_CODES[status] ?? status),
    content: { [type ?? 'application/json']: schema ? { schema: schemaOf(schema) } : {} },
  }
}

function describeEvents(events: Readonly<Record<string, EventShape>>): Record<string, DocumentedEvent> {
  return Object.fromEntries(
    Object.entries(events).map(([name, { summary, payload, answer }]) => [
      name,
      { summary, payload: schemaOf(payload), ...(answer && { answer: schemaOf(answer) }) },
    ]),
  )
}

function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: 'output',
    unrepresentable: 'any',
  })
  return rest
}
