/** Setting and ending mirrors; what the server said to the last wish. Shares, and a draft of them, stay as they are. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { CommandAnswer } from '../../server/protocol'
import { wholePercent } from '../format'
import { refusedWords } from './refused'
import { useRun } from './run'

interface Ends {
  prefill: string
  decode: string
}

export const useMirrors = defineStore('mirrors', () => {
  const run = useRun()
  const sending = ref(false)
  const said = shallowRef<{ words: string; refused: boolean } | null>(null)

  /** A part of 0 ends the mirror. */
  async function set(workload: string, { prefill, decode }: Ends, part: number) {
    const baseRevision = run.inForce?.revision
    if (baseRevision === undefined || sending.value) return
    sending.value = true
    try {
      said.value = wordsOf(await run.send({ kind: 'mirror', workload, prefill, decode, part, baseRevision }))
    } finally {
      sending.value = false
    }
  }

  return { sending, said, set }
})

/** Of what is in force the list of mirrors tells itself. */
function wordsOf(answer: CommandAnswer): { words: string; refused: boolean } | null {
  if (answer.ok && 'pending' in answer) {
    const words = `Waits for a second approval: adds ${wholePercent(answer.radius)} of all traffic to pools that serve.`
    return { words, refused: false }
  }
  if (answer.ok) return null
  if ('conflict' in answer) return { words: 'Somebody changed the routing just now. Try again.', refused: true }
  return { words: refusedWords(answer.error), refused: true }
}
