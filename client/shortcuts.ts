/** The keyboard: runs the action whose keys were pressed. Nothing happens while somebody types, or a dialog is open. */
import { onBeforeUnmount, onMounted } from 'vue'
import { isEnabled, useActions } from './actions'
import { advance, pressed } from './keys'

/** The keys of one shortcut follow each other within [ms]. */
const pauseMs = 1500

export function useShortcuts(): void {
  const actions = useActions()
  let pending: string | null = null
  let pendingSince = 0

  onMounted(() => window.addEventListener('keydown', press))
  onBeforeUnmount(() => window.removeEventListener('keydown', press))

  function press(event: KeyboardEvent) {
    const key = pressed(event)
    if (key === null || event.defaultPrevented || event.isComposing || document.querySelector('dialog:modal')) return
    const typing = isTyping(event.target)
    const able = actions.all.filter(action => action.keys && (!typing || action.inFields) && isEnabled(action))
    const before = event.timeStamp - pendingSince < pauseMs ? pending : null
    const next = advance(
      before,
      key,
      able.map(({ keys = '' }) => keys),
    )
    pending = next.pending
    pendingSince = event.timeStamp
    const action = able.find(({ keys }) => keys === next.whole)
    if (!action && next.pending === null) return
    event.preventDefault()
    action?.run()
  }
}

const typed =
  'input:not([type=range], [type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]'

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches(typed)
}
