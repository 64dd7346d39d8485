/** Shortcuts as text: which key press they mean, and how they are written for people. Pure. */

/** What of a key press counts. */
export interface Press {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
}

/** A press in the words of shortcuts: `p`, `Shift+p`, `Mod+k`, `?`; `null` for a modifier alone and for keys of the system. */
export function pressed({ key, ctrlKey, metaKey, altKey, shiftKey }: Press): string | null {
  if (altKey || ['Shift', 'Control', 'Meta', 'Alt', 'Dead', 'Unidentified'].includes(key)) return null
  const plain = key === ' ' ? 'Space' : key.length === 1 ? key.toLowerCase() : key
  // what a sign needs Shift for differs between keyboards; of letters and named keys it makes others
  const shift = shiftKey && (key.length > 1 || key.toLowerCase() !== key.toUpperCase())
  return `${ctrlKey || metaKey ? 'Mod+' : ''}${shift ? 'Shift+' : ''}${plain}`
}

/** Where a press leads: to shortcuts that are whole now, or on the way to longer ones. */
export function advance(
  before: string | null,
  press: string,
  shortcuts: readonly string[],
): { whole: string | null; pending: string | null } {
  const typed = before === null ? press : `${before} ${press}`
  if (shortcuts.includes(typed)) return { whole: typed, pending: null }
  if (shortcuts.some(keys => keys.startsWith(`${typed} `))) return { whole: null, pending: typed }
  return before === null ? { whole: null, pending: null } : advance(null, press, shortcuts)
}

const named: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Enter: '↵',
  Escape: 'Esc',
}

/** Caps of the keys of a shortcut, one list per press: `Mod+k` is Ctrl and K, or ⌘ and K on a Mac. */
export function keyCaps(keys: string, mac: boolean): string[][] {
  return keys.split(' ').map(press => {
    const plain = press.replace(/^(Mod\+)?(Shift\+)?/, '')
    const cap = named[plain] ?? (plain.length === 1 ? plain.toUpperCase() : plain)
    return [
      ...(press.startsWith('Mod+') ? [mac ? '⌘' : 'Ctrl'] : []),
      ...(press.includes('Shift+') ? [mac ? '⇧' : 'Shift'] : []),
      cap,
    ]
  })
}

/** As `aria-keyshortcuts` says it; it knows no keys one after the other. */
export function ariaKeys(keys: string): string | undefined {
  if (keys.includes(' ')) return undefined
  return keys.startsWith('Mod+') ? `${keys.replace('Mod', 'Control')} ${keys.replace('Mod', 'Meta')}` : keys
}
