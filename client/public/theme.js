// runs before the first paint, so that the page never flashes in the wrong theme; stores/view.ts takes over from here
const system = () =>
  (matchMedia('(prefers-contrast: more)').matches || matchMedia('(forced-colors: active)').matches ? 'contrast-' : '') +
  (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark')
let chosen = null
try {
  chosen = localStorage.getItem('headgate.theme')
} catch {
  // storage may be barred; the system's theme then holds
}
const known = ['dark', 'light', 'contrast-dark', 'contrast-light'].includes(chosen ?? '')
document.documentElement.dataset.theme = known ? chosen : system()
