import { addI32, i32 } from '../columns'

/** Conversations of a workload's users. Plain data. */
export interface Sessions {
  turns: number
  /** Longest prompt plus output of the model [tokens]. */
  context: number
  /** User whose turn it is to ask next. */
  next: number
  /** By user: tokens said so far, turns taken, and requests that wait until the one before is answered. */
  said: Int32Array
  taken: Int32Array
  waiting: Int32Array
  /** By user: 1 while a request is on its way. */
  busy: Uint8Array
}

export function createSessions({ users, turns }: { users: number; turns: number }, context: number): Sessions {
  return {
    turns,
    context,
    next: 0,
    said: new Int32Array(users),
    taken: new Int32Array(users),
    waiting: new Int32Array(users),
    busy: new Uint8Array(users),
  }
}

/** The user whose request arrives now: users take turns. */
export function nextUser(sessions: Sessions): number {
  const user = sessions.next
  sessions.next = user + 1 === sessions.said.length ? 0 : user + 1
  return user
}

/**
 * Prompt of a user's next turn, whose own part is `question` tokens [tokens]: all that was said before and the question.
 * After the last turn, or where the context would be exceeded, a new conversation begins.
 */
export function beginTurn(sessions: Sessions, user: number, question: number, output: number): number {
  const full = i32(sessions.said, user) + question + output > sessions.context
  if (full || i32(sessions.taken, user) >= sessions.turns) {
    sessions.said[user] = 0
    sessions.taken[user] = 0
  }
  sessions.busy[user] = 1
  addI32(sessions.taken, user, 1)
  return i32(sessions.said, user) + question
}

/** A user's request has left, answered up to so many tokens of prompt and output; 0 where it was not answered. */
export function endTurn(sessions: Sessions, user: number, tokens: number): void {
  if (tokens > 0) sessions.said[user] = tokens
  sessions.busy[user] = 0
}
