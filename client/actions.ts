/** What a user can do now: offered by whoever can do it; the palette, the sheet of shortcuts and the keyboard run it. */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowRef } from 'vue'

export interface Action {
  /** Unique on the screen, `route.apply`. */
  id: string
  /** What is done, as it stands in the palette: "Apply the draft". */
  title: string
  /** Heading that it stands under; those of one section stand together. */
  section: string
  /** Other words that find it. */
  words?: string
  /** One key, `p` or `?` or `ArrowUp`; with modifiers, `Mod+k` (Ctrl or ⌘) or `Shift+p`; or keys one after the other, `g l`. */
  keys?: string
  /** Its keys count while somebody types in a field as well. */
  inFields?: true
  run: () => void
  /** Whether it can be done at this moment; it can, where this is left out. */
  enabled?: () => boolean
}

export const useActions = defineStore('actions', () => {
  const offers = shallowRef<readonly (() => readonly Action[])[]>([])
  const all = computed(() => offers.value.flatMap(offer => offer()))

  /** Gives a function that takes the offer back. */
  function offer(offered: () => readonly Action[]): () => void {
    offers.value = [...offers.value, offered]
    return () => (offers.value = offers.value.filter(each => each !== offered))
  }

  return { all, offer }
})

/** Call it in the setup of a component: the action is there as long as the component. */
export function offerAction(action: Action): void {
  offerActions(() => [action])
}

/** As `offerAction`, for actions that come and go, or change their titles, with what is on the screen. */
export function offerActions(offered: () => readonly Action[]): void {
  onScopeDispose(useActions().offer(offered))
}

export function isEnabled({ enabled }: Action): boolean {
  return enabled?.() ?? true
}
