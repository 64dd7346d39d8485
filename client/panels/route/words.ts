/** A change in words whose figures do not break over lines. */
export function unbroken(words: string): string {
  return words.replaceAll(' → ', '\u00a0→\u00a0').replaceAll(' %', '\u00a0%')
}
