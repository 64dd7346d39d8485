/** What is said to the user besides what the screen shows: aloud to screen readers, and in a line that goes by itself. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'

export interface Notice {
  id: number
  text: string
  /** What may be done about it. */
  act?: { title: string; run: () => void }
}

export const useNotices = defineStore('notices', () => {
  /** What screen readers were told last. */
  const said = ref('')
  const shown = shallowRef<readonly Notice[]>([])
  let count = 0

  /** Says it to screen readers alone, once they are done with what they read. */
  function announce(text: string) {
    // the same sentence twice is two messages
    said.value = said.value === text ? `${text}\u00a0` : text
  }

  /** Shows a line for a while, and says it. Not for trouble, which stays until it is over. */
  function notice(text: string, act?: Notice['act']) {
    announce(text)
    shown.value = [...shown.value.filter(other => other.text !== text), { id: ++count, text, act }].slice(-3)
  }

  function dismiss(id: number) {
    shown.value = shown.value.filter(notice => notice.id !== id)
  }

  return { said, shown, announce, notice, dismiss }
})
