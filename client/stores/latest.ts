/**
 * Asks one question at a time; of those that come meanwhile only the latest is asked next. `undefined` answers one that was
 * passed over, or whose answer came when a later one was waiting.
 */
export function latestOf<Question, Answer>(
  ask: (question: Question) => Promise<Answer>,
): (question: Question) => Promise<Answer | undefined> {
  let asking = false
  let waiting: { question: Question; resolve: (answer: Answer | undefined) => void } | null = null

  return question =>
    new Promise(resolve => {
      waiting?.resolve(undefined)
      waiting = { question, resolve }
      if (!asking) void work()
    })

  async function work() {
    asking = true
    while (waiting) {
      const { question, resolve } = waiting
      waiting = null
      resolve(await ask(question))
    }
    asking = false
  }
}
