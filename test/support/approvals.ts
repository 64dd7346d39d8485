import type { ControlPorts } from '../../server/control/control'

/** The ports of a control that is alone: nothing waits for a second approval. */
export const noApprovals: Pick<ControlPorts, 'approvals' | 'rates' | 'alone' | 'date' | 'after'> = {
  approvals: () => {},
  rates: () => new Map(),
  alone: () => true,
  date: () => Date.UTC(2027, 3, 14, 13),
  after: () => () => {},
}
