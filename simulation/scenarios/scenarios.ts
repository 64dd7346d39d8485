import type { Fleet } from '../catalog/fleets'
import { lostRdma } from './lost-rdma'

/** Stories of what goes wrong: fleets with scheduled faults. */
export const scenarios: Record<string, Fleet> = { [lostRdma.id]: lostRdma }
