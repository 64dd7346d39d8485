// runs before the first paint, so that the page never flashes in the wrong theme; theme.ts takes over from here
try {
  document.documentElement.dataset.theme = localStorage.getItem('headgate.theme') ?? ''
} catch {
  // storage may be barred; the system's theme then holds
}
if (!['dark', 'light'].includes(document.documentElement.dataset.theme ?? ''))
  document.documentElement.dataset.theme = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'
