/** Numbers of a query or a path, which are text there; what is none stays as it is. */
export function numbersOf(query: object): object {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]: [string, unknown]) => [name, isNumber(value) ? Number(value) : value]),
  )
}

function isNumber(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))
}
