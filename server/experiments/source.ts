import { z } from 'zod'
import type { Workload } from '../../simulation/index'

/** Where a figure of the catalog comes from, as an experiment may say it. */
export const source = z.strictObject({
  basis: z.enum(['measured', 'vendor', 'list price', 'estimate', 'modelled']),
  source: z.string(),
  date: z.string(),
  note: z.string().optional(),
})

/** Of a figure that an experiment brings along. */
export const theExperiment: Workload['source'] = { basis: 'estimate', source: 'the experiment', date: '' }
