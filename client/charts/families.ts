/** How a family is drawn, the same everywhere; its hue is the colour token of the same name. */
import type { Family } from '../../simulation/index'

export interface Dash {
  dash: number[] | 'solid'
  cap: 'butt' | 'round'
}

export const dashes: Record<Family, Dash> = {
  blackwell: { dash: 'solid', cap: 'butt' },
  rubin: { dash: [9, 3], cap: 'butt' },
  'groq-lpu': { dash: [2, 2.5], cap: 'butt' },
  trainium: { dash: [9, 3, 2, 3], cap: 'butt' },
  inferentia: { dash: [5, 4], cap: 'butt' },
  hopper: { dash: [1, 3], cap: 'round' },
}

/** Outline of its mark in a box of 12, filled or drawn with a line so wide. */
export const markers: Record<Family, { path: string; stroke: number | null }> = {
  blackwell: { path: 'M1.5 6a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0Z', stroke: null },
  rubin: { path: 'M6 .5 11.5 6 6 11.5 .5 6Z', stroke: null },
  'groq-lpu': { path: 'M4.5 1h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5v-3h3.5Z', stroke: null },
  trainium: { path: 'M1.5 1.5h9v9h-9Z', stroke: null },
  inferentia: { path: 'M2.25 2.25h7.5v7.5h-7.5Z', stroke: 1.7 },
  hopper: { path: 'M2.1 6a3.9 3.9 0 1 0 7.8 0a3.9 3.9 0 1 0-7.8 0Z', stroke: 1.8 },
}

/** Of workloads, which are drawn in ink, by their place in the fleet. */
const inkDashes: readonly Dash[] = [
  { dash: 'solid', cap: 'butt' },
  { dash: [8, 3], cap: 'butt' },
  { dash: [2, 2.5], cap: 'butt' },
  { dash: [9, 3, 2, 3], cap: 'butt' },
  { dash: [4, 4], cap: 'butt' },
  { dash: [1, 3], cap: 'round' },
  { dash: [14, 4], cap: 'butt' },
  { dash: [9, 3, 2, 3, 2, 3], cap: 'butt' },
]

export function dashOf({ family, rank }: { family: Family | null; rank: number }): Dash {
  return family ? dashes[family] : (inkDashes[rank % inkDashes.length] ?? dashes.blackwell)
}
