/** Ways of ramping that somebody keeps for the next time, in this browser. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { rememberedList } from './remembered'

export type Hold = 'seconds' | 'requests' | 'approval'

/** Shares in per cent as they are typed, and what each is held by. */
export interface RampTemplate {
  shares: string
  hold: Hold
  amount: number
}

const most = 20
const remembered = rememberedList('headgate.ramps', most, isTemplate)

/** Those that there always are. */
export const usualTemplates: readonly RampTemplate[] = [
  '1, 5, 25, 50, 100',
  '10, 25, 50, 100',
  '10, 50, 100',
  '50, 100',
].map(shares => ({ shares, hold: 'seconds', amount: 60 }))

export const useRampTemplates = defineStore('ramp-templates', () => {
  const own = shallowRef<readonly RampTemplate[]>(remembered.read())

  function keep(template: RampTemplate) {
    set([...own.value.filter(each => !isSame(each, template)), template].slice(-most))
  }

  function forget(template: RampTemplate) {
    set(own.value.filter(each => !isSame(each, template)))
  }

  function set(next: readonly RampTemplate[]) {
    own.value = next
    remembered.write(next)
  }

  return { own, keep, forget }
})

export function isSame(one: RampTemplate, other: RampTemplate): boolean {
  return (
    one.shares === other.shares && one.hold === other.hold && (one.hold === 'approval' || one.amount === other.amount)
  )
}

function isTemplate(stored: unknown): stored is RampTemplate {
  if (typeof stored !== 'object' || stored === null) return false
  const { shares, hold, amount } = stored as Partial<Record<keyof RampTemplate, unknown>>
  return (
    typeof shares === 'string' &&
    (hold === 'seconds' || hold === 'requests' || hold === 'approval') &&
    typeof amount === 'number'
  )
}
