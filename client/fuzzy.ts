/** Finds what was meant by a few letters: all of them in order, best where words begin and letters stand together. Pure. */

/** How well a text fits; `null` where a letter is missing. The higher, the better. */
export function fit(query: string, text: string): number | null {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  let total = 0
  for (const word of words) {
    const score = fitWord(word, text.toLowerCase())
    if (score === null) return null
    total += score
  }
  return total - text.length / 1000
}

/** The `most` best, best first; those that fit alike keep their order. */
export function best<Item>(
  query: string,
  items: readonly Item[],
  textOf: (item: Item) => string,
  most: number,
): Item[] {
  return items
    .map(item => ({ item, score: fit(query, textOf(item)) }))
    .filter((found): found is { item: Item; score: number } => found.score !== null)
    .sort((one, other) => other.score - one.score)
    .slice(0, most)
    .map(({ item }) => item)
}

function fitWord(word: string, text: string): number | null {
  const whole = text.indexOf(word)
  if (whole >= 0) return word.length * 3 + (startsWord(text, whole) ? 5 : 0)
  let score = 0
  let at = -1
  for (const letter of word) {
    const next = text.indexOf(letter, at + 1)
    if (next < 0) return null
    score += next === at + 1 ? 2 : startsWord(text, next) ? 1.5 : 0.5 - Math.min(0.4, (next - at) / 50)
    at = next
  }
  return score
}

function startsWord(text: string, at: number): boolean {
  return at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '')
}
