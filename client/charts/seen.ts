import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

/** Whether an element is on the screen, or nearly, in a tab that is looked at. */
export function useSeen(element: Ref<HTMLElement | undefined>): Ref<boolean> {
  const seen = ref(false)
  let near = false
  const tell = () => (seen.value = near && !document.hidden)
  const inView = new IntersectionObserver(
    entries => {
      near = entries.at(-1)?.isIntersecting ?? false
      tell()
    },
    { rootMargin: '120px' },
  )
  onMounted(() => {
    if (element.value) inView.observe(element.value)
    document.addEventListener('visibilitychange', tell)
  })
  onBeforeUnmount(() => {
    inView.disconnect()
    document.removeEventListener('visibilitychange', tell)
  })
  return seen
}
