/**
 * A part of the page that could not be fetched, as over a cut connection, does not come later: browsers remember that it
 * failed. The page begins anew once the server is there and no draft would be lost; what it shows is in its address.
 */
import { ref, watch } from 'vue'
import { useRun } from './stores/run'

/** When the page last began anew for that [ms since the epoch]; it does so but once in a while, should the part be gone for good. */
const noted = 'headgate.begun-anew'
const leastMs = 60_000

export function useMissingParts(): void {
  const run = useRun()
  const missing = ref(false)
  window.addEventListener('vite:preloadError', () => (missing.value = true))
  watch(
    () => missing.value && run.line === 'live' && !run.draftDirty,
    ready => {
      if (!ready || Date.now() - Number(sessionStorage.getItem(noted)) < leastMs) return
      sessionStorage.setItem(noted, String(Date.now()))
      location.reload()
    },
  )
}
