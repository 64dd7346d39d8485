/** A list that is kept in this browser. */
export interface Remembered<Item> {
  /** The newest that are as they should be; none where storage is barred or holds something else. */
  read(): Item[]
  /** Where storage is barred, the list lasts as long as the page. */
  write(items: readonly Item[]): void
}

export function rememberedList<Item>(
  key: string,
  most: number,
  isItem: (stored: unknown) => stored is Item,
): Remembered<Item> {
  return {
    read: () => {
      try {
        const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
        return Array.isArray(stored) ? stored.filter(isItem).slice(-most) : []
      } catch {
        return []
      }
    },
    write: items => {
      try {
        localStorage.setItem(key, JSON.stringify(items))
      } catch {
        // barred
      }
    },
  }
}
