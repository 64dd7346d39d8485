/** How a family is drawn, the same everywhere; its hue is the colour token of the same name. */
import type { Family } from '../../simulation/index'

export const dashes: Record<Family, { dash: number[] | 'solid'; cap: 'butt' | 'round' }> = {
  blackwell: { dash: 'solid', cap: 'butt' },
  rubin: { dash: [9, 3], cap: 'butt' },
  'groq-lpu': { dash: [2, 2.5], cap: 'butt' },
  trainium: { dash: [9, 3, 2, 3], cap: 'butt' },
  inferentia: { dash: [5, 4], cap: 'butt' },
  hopper: { dash: [1, 3], cap: 'round' },
}

/** Past this saturation a pool is in trouble. */
export const saturationLimit = 0.9
