import { heightsOf } from './change'

/** Path of a small line in a box of 100 × 100 over points at some offsets [s], from `first` to `last`; gaps stay gaps. Pure. */
export function alignedPath(
  offsets: readonly number[],
  points: readonly (number | null)[],
  { first, last }: { first: number; last: number },
): string {
  const known = points.filter(point => point !== null)
  if (known.length < 2) return ''
  const y = heightsOf(known)
  let path = ''
  let pen = false
  points.forEach((point, place) => {
    if (point !== null) {
      const x = (((offsets[place] ?? first) - first) / (last - first)) * 100
      path += `${pen ? 'L' : 'M'}${x.toFixed(1)} ${y(point).toFixed(1)}`
    }
    pen = point !== null
  })
  return path
}
