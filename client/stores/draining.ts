/** Draining, stopping and resuming pools: first where the traffic would go, then the wish itself. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { CommandAnswer } from '../../server/protocol'
import { wholePercent } from '../format'
import { refusedWords } from './refused'
import { useRun } from './run'

export type DrainKind = 'drain' | 'stop' | 'resume'

/** What a wish would do. */
export interface Told {
  kind: DrainKind
  pool: string
  words: string
  /** It would wait for a second approval. */
  waits: boolean
}

export const useDraining = defineStore('draining', () => {
  const run = useRun()
  const sending = ref(false)
  const told = shallowRef<Told | null>(null)
  const said = shallowRef<{ words: string; refused: boolean } | null>(null)

  /** A dry run: nothing is done. */
  async function ask(kind: DrainKind, pool: string) {
    told.value = null
    const answer = await send({ kind, pool, dryRun: true })
    if (!answer?.ok || !('dryRun' in answer)) return
    const moves = answer.radius > 0 ? ` Moves ${wholePercent(answer.radius)} of all traffic.` : ''
    told.value = { kind, pool, words: `${capital(answer.summary)}.${moves}`, waits: answer.waits }
  }

  /** Does what was told last. */
  async function confirm() {
    if (!told.value) return
    const { kind, pool } = told.value
    told.value = null
    await send({ kind, pool })
  }

  async function send(command: { kind: DrainKind; pool: string; dryRun?: boolean }) {
    if (sending.value) return null
    sending.value = true
    try {
      const answer = await run.send(command)
      said.value = wordsOf(answer)
      return answer
    } finally {
      sending.value = false
    }
  }

  function forget() {
    told.value = null
  }

  return { sending, told, said, ask, confirm, forget }
})

/** Of what is done the list of pools tells itself. */
function wordsOf(answer: CommandAnswer): { words: string; refused: boolean } | null {
  if (answer.ok) return 'pending' in answer ? { words: 'Waits for a second approval.', refused: false } : null
  if ('conflict' in answer) return { words: 'Somebody changed the routing just now. Try again.', refused: true }
  return { words: refusedWords(answer.error), refused: true }
}

function capital(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}
