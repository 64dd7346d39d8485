import type { AuditEntry } from '../../../server/protocol'
import type { Sheet } from '../../export'
import { clock } from '../../format'

/** The entries that are on the screen, newest first; the server has the files of all of them. Pure. */
export function changesSheet(entries: readonly AuditEntry[], epoch: string | null): Sheet {
  return {
    title: 'Changes',
    columns: [
      { name: 'number' },
      { name: 'simulated time', unit: 's' },
      { name: 'clock', unit: 'UTC' },
      { name: 'wall time', unit: 'UTC' },
      { name: 'by' },
      { name: 'role' },
      { name: 'kind' },
      { name: 'revision' },
      { name: 'what' },
      { name: 'reason' },
    ],
    rows: entries.map(({ number, time, at, by, role, kind, revision, summary, reason }) => [
      number,
      time,
      epoch ? clock(epoch, time) : null,
      at,
      by,
      role,
      kind,
      revision,
      summary,
      reason,
    ]),
  }
}
