import { onScopeDispose, ref, type Ref } from 'vue'

/**
 * Whether Ctrl or ⌘ is held. Charts listen to the wheel only then: a page whose wheel is listened to waits for each
 * answer before it scrolls.
 */
export function useZoomKey(): Ref<boolean> {
  const held = ref(false)
  const follow = ({ ctrlKey, metaKey }: KeyboardEvent | MouseEvent) => (held.value = ctrlKey || metaKey)
  const release = () => (held.value = false)
  window.addEventListener('keydown', follow)
  window.addEventListener('keyup', follow)
  window.addEventListener('blur', release)
  onScopeDispose(() => {
    window.removeEventListener('keydown', follow)
    window.removeEventListener('keyup', follow)
    window.removeEventListener('blur', release)
  })
  return held
}
