import { addI32, i32 } from '../columns'
import { NONE } from '../serving/requests'

/** Conversations of a workload's users. Plain data. */
export interface Sessions {
  turns: number
  /** Users ask the same over and over, without waiting for the answer. */
  repeat: boolean
  /** Longest prompt plus output of the model [tokens]. */
  context: number
  /** User whose turn it is to ask next. */
  next: number
  /** By user: tokens said so far, and turns taken. */
  said: Int32Array
  taken: Int32Array
  /** By user: requests that wait until the one before is answered. */
  waiting: { time: number; prompt: number; output: number }[][]
  /** By user: 1 while a request is on its way. */
  busy: Uint8Array
  /** By user: replica that had the last turn, as the pickers know it; NONE before the first. */
  home: Int32Array
}

export function createSessions(
  { users, turns, repeat = false }: { users: number; turns: number; repeat?: boolean },
  context: number,
): Sessions {
  return {
    turns,
    repeat,
    context,
    next: 0,
    said: new Int32Array(users),
    taken: new Int32Array(users),
    waiting: Array.from({ length: users }, () => []),
    busy: new Uint8Array(users),
    home: new Int32Array(users).fill(NONE),
  }
}

/** The user whose request arrives now: users take turns. */
export function nextUser(sessions: Sessions): number {
  const user = sessions.next
  sessions.next = user + 1 === sessions.said.length ? 0 : user + 1
  return user
}

/** Whether a user begins anew: after the last turn, or where the context would be exceeded. */
export function beginsAnew(sessions: Sessions, user: number, question: number, output: number): boolean {
  if (sessions.repeat) return false
  const full = i32(sessions.said, user) + question + output > sessions.context
  return full || i32(sessions.taken, user) >= sessions.turns
}

/** Prompt of a user's next turn, whose own part is `question` tokens [tokens]: all that was said before and the question. */
export function beginTurn(sessions: Sessions, user: number, question: number, anew: boolean): number {
  if (anew) {
    sessions.said[user] = 0
    sessions.taken[user] = 0
  }
  if (!sessions.repeat) sessions.busy[user] = 1
  addI32(sessions.taken, user, 1)
  return i32(sessions.said, user) + question
}

/** A user's request has left, answered up to so many tokens of prompt and output; 0 where it was not answered. */
export function endTurn(sessions: Sessions, user: number, tokens: number): void {
  if (tokens > 0 && !sessions.repeat) sessions.said[user] = tokens
  sessions.busy[user] = 0
}
