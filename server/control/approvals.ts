import { z } from 'zod'
import { checkRole } from '../access/table'
import type { CommandEntry, Wait } from '../journal/entry'
import type { Refusal } from '../protocol'
import { refuse } from '../refusal'
import type { Actor } from './actor'

/** A command that waits for a second approval. */
export const proposalSchema = z.object({
  id: z.string().meta({ description: 'Key of the command; it is approved or declined by it.' }),
  by: z.string(),
  at: z.string().meta({ description: 'Wall time, ISO 8601.' }),
  kind: z.string(),
  summary: z.string().meta({ description: 'What it would do, in words.' }),
  reason: z.string().nullable(),
  base: z.int().meta({ description: 'Revision of the routing that it stands on; it is void with the next one.' }),
  radius: z.number().meta({
    description:
      'Part of the traffic of the fleet that it sends elsewhere, with what its sender moved alone of late, 0 to 1.',
  }),
  expires: z.string().meta({ description: 'Wall time, ISO 8601.' }),
})

export const approvalsSchema = z.object({
  above: z.number().nullable().meta({
    description: 'Who sends a greater part of the traffic elsewhere within the window waits for approval; null: none.',
  }),
  within: z.number().meta({ description: 'The window: changes of one person within it are summed [s].' }),
  waiting: z.array(proposalSchema),
})

export type Proposal = z.output<typeof proposalSchema>
export type Approvals = z.output<typeof approvalsSchema>

/** Unless an admin says otherwise, with tokens. A server that is open to its own machine has nobody to ask. */
export const usualLimit = 0.1
/** What one person moves without approval within so long counts as one change, unless an admin says otherwise [s of wall time]. */
export const usualWindow = 600
export const longestWindow = 86_400
/** How long a proposal waits [ms]. */
export const waitMs = 60 * 60_000
export const mostWaiting = 50

/** What may be sent elsewhere without approval, and within how long [s]. */
export type Limit = Pick<Approvals, 'above' | 'within'>

/** What became of a proposal by somebody's word. */
export type Verdict = { kind: 'approved' | 'declined'; by: string }

export interface Filed {
  entry: CommandEntry
  wait: Wait
  verdict: Verdict | null
}

/** Why a proposal cannot be approved or declined any more, if so: settled, or expired. Whether it is stale its base tells. */
export function checkWaiting(filed: Filed | null, id: string, date: number): Refusal | null {
  if (!filed) return refuse('proposal', id, 'the id of a proposal')
  const { verdict, wait } = filed
  if (verdict) return refuse('proposal', id, `a proposal that waits: this one was ${verdict.kind} by ${verdict.by}`)
  if (date >= Date.parse(wait.expires))
    return refuse('proposal', id, `a proposal that waits: this one expired ${wait.expires}`)
  return null
}

/** Why somebody cannot approve a proposal, if so: never one's own. */
export function checkApprover(filed: Filed, id: string, actor: Actor): Refusal | null {
  return isOwn(filed, actor) ? refuse('proposal', id, 'one of somebody else: a second person approves it') : null
}

/** Why somebody cannot decline a proposal, if so: one's own is withdrawn, others need an approver. */
export function checkDecliner(filed: Filed, actor: Actor): Refusal | null {
  return isOwn(filed, actor) ? null : checkRole(actor.role, 'approver')
}

/** What an admin says of it; a window that is left out stays. */
export function limitOf({ above, within }: { above: number | null; within?: number }): Partial<Limit> {
  return within === undefined ? { above } : { above, within }
}

/** "second approval above 10 % within 10 min". */
export function describeLimit({ above, within }: { above: number | null; within?: number }): string {
  if (above === null) return 'no second approval'
  const window = within === undefined ? '' : ` within ${Number((within / 60).toFixed(2))} min`
  return `second approval above ${Number((above * 100).toFixed(2))} %${window}`
}

export function proposalOf({ entry, wait }: Filed): Proposal {
  const { id, actor, at, command } = entry
  const { summary, base, radius, expires } = wait
  return { id, by: actor.name, at, kind: command.kind, summary, reason: command.reason ?? null, base, radius, expires }
}

function isOwn({ entry }: Filed, actor: Actor): boolean {
  return personOf(entry.actor.name) === personOf(actor.name)
}

/** A name is a person, however many tokens it has. */
export function personOf(name: string): string {
  return name.toLowerCase()
}
