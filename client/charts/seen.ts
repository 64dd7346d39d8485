import { onBeforeUnmount, onMounted, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'

/** Behind the bars at the top of the page nothing is seen. */
const belowBars = '-64px 0px 0px'

/** Whether an element is on the screen, in a tab that is looked at; `near`: or will soon be. */
export function useSeen(element: Ref<HTMLElement | undefined>, { near: early = false } = {}): Ref<boolean> {
  const seen = ref(false)
  let near = false
  const tell = () => (seen.value = near && !document.hidden)
  const inView = new IntersectionObserver(
    entries => {
      near = entries.at(-1)?.isIntersecting ?? false
      tell()
    },
    { rootMargin: early ? '120px' : belowBars },
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

/** What a source says while it is seen, and else what it said last: what is not on the screen is not worked out. */
export function whileSeen<Said>(source: () => Said, seen: Ref<boolean>): Readonly<ShallowRef<Said>> {
  const said = shallowRef(source())
  watch([source, seen], () => {
    if (seen.value) said.value = source()
  })
  return said
}
