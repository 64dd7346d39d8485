/** Path of a small line in a box of 100 × 100 over points at some offsets [s], from `first` to `last`; gaps stay gaps. Pure. */
export function alignedPath(
  offsets: readonly number[],
  points: readonly (number | null)[],
  { first, last }: { first: number; last: number },
): string {
  const known = points.filter(point => point !== null)
  if (known.length < 2) return ''
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const middle = (low + high) / 2
  // noise of a steady figure is not blown up to the full height
  const range = Math.max(high - low, Math.abs(middle) * 0.06, 1e-12)
  let path = ''
  let pen = false
  points.forEach((point, place) => {
    if (point !== null) {
      const x = (((offsets[place] ?? first) - first) / (last - first)) * 100
      path += `${pen ? 'L' : 'M'}${x.toFixed(1)} ${(50 - ((point - middle) / range) * 84).toFixed(1)}`
    }
    pen = point !== null
  })
  return path
}
