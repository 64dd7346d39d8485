import { onBeforeUnmount, ref, type Ref } from 'vue'

/** Resolves after the next paint; soon, too, in a tab that is not looked at and paints nothing. */
export function painted(): Promise<void> {
  return new Promise(resolve => {
    requestAnimationFrame(() => setTimeout(resolve))
    setTimeout(resolve, 200)
  })
}

/** Paints since a page began, up to so many: what it builds only then does not hold up what is seen first. */
export function usePaints(most: number): Ref<number> {
  const paints = ref(0)
  let gone = false
  onBeforeUnmount(() => (gone = true))
  void count()
  return paints

  async function count() {
    while (paints.value < most && !gone) {
      await painted()
      paints.value++
    }
  }
}
