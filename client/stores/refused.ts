/** Why nothing was done, in words. */
import type { Refusal } from '../../server/protocol'

export function refusedWords({ field, value, expected }: Refusal): string {
  return `${field} ${typeof value === 'string' ? value : JSON.stringify(value)}: expected ${expected}`
}
