/** One task after the other, in the order in which they came. */
export interface Queue {
  /** `null` if too many wait already or the queue is closed. */
  add<Result>(task: () => Promise<Result>): Promise<Result> | null
  /** Takes no more; resolves when the last is done. */
  close(): Promise<void>
}

export function createQueue(capacity: number): Queue {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let closed = false

  return {
    add: task => {
      if (closed || waiting >= capacity) return null
      waiting++
      const result = last.then(task).finally(() => waiting--)
      last = result.catch(() => null)
      return result
    },
    close: async () => {
      closed = true
      await last
    },
  }
}
