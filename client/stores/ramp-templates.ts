/** Ways of ramping that somebody keeps for the next time, in this browser. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { stepsOf, type TypedSteps } from './ramp-steps'
import { rememberedList } from './remembered'

const most = 20
const remembered = rememberedList('headgate.ramps', most, isTemplate)

/** Those that there always are. */
export const usualTemplates: readonly TypedSteps[] = [
  '1, 5, 25, 50, 100',
  '10, 25, 50, 100',
  '10, 50, 100',
  '50, 100',
].map(shares => ({ shares, holds: [{ seconds: 60 }] }))

export const useRampTemplates = defineStore('ramp-templates', () => {
  const own = shallowRef<readonly TypedSteps[]>(remembered.read())

  function keep(template: TypedSteps) {
    set([...own.value.filter(each => !isSame(each, template)), template].slice(-most))
  }

  function forget(template: TypedSteps) {
    set(own.value.filter(each => !isSame(each, template)))
  }

  function set(next: readonly TypedSteps[]) {
    own.value = next
    remembered.write(next)
  }

  return { own, keep, forget }
})

export function isSame(one: TypedSteps, other: TypedSteps): boolean {
  return JSON.stringify(stepsOf(one)) === JSON.stringify(stepsOf(other))
}

function isTemplate(stored: unknown): stored is TypedSteps {
  if (typeof stored !== 'object' || stored === null) return false
  const { shares, holds } = stored as Partial<TypedSteps>
  return typeof shares === 'string' && Array.isArray(holds) && stepsOf({ shares, holds }) !== null
}
