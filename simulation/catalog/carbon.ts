import { KWH } from '../units'
import { economics } from './prices'
import type { Fact } from './source'

/** Grid regions that zones draw from: CO₂ equivalent of all generation in a year's mean [g/J]. */
const grids = {
  virginia: grid(269.0, 'SRVC, Virginia and Carolinas'),
  ohio: grid(415.5, 'RFCW, Ohio valley'),
  california: grid(198.7, 'CAMX, California'),
}

/** Zones as AWS places the regions that they are named after. */
const zones: Record<string, Fact> = {
  'east-1': grids.virginia,
  'east-2': grids.ohio,
  'west-1': grids.california,
}

/** Carbon intensity of the electricity of a zone [g CO₂ per J]; the mean of the United States where the grid is not known. */
export function carbonIntensity(zone: string): Fact {
  return zones[zone] ?? economics.carbon
}

function grid(gramsPerKwh: number, region: string): Fact {
  return {
    value: gramsPerKwh / KWH,
    basis: 'estimate',
    source: `EPA eGRID2023, total output emission rate of ${region}: https://www.epa.gov/egrid/summary-data`,
    date: '2025-01',
    note: 'where the zone draws its power is assumed; imports from other grids, hours of the day and contracts for renewable power are left out',
  }
}
