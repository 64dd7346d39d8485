import { createPinia, setActivePinia } from 'pinia'
import { effectScope } from 'vue'
import { beforeEach, describe, expect, test } from 'vitest'
import { offerAction, useActions } from '../../client/actions'
import { best, fit } from '../../client/fuzzy'
import { advance, ariaKeys, keyCaps, pressed } from '../../client/keys'

beforeEach(() => setActivePinia(createPinia()))

test('an action is there as long as whoever offered it', () => {
  const scope = effectScope()
  const action = { id: 'a', title: 'Do it', section: 'Run', run: () => {} }
  scope.run(() => offerAction(action))
  expect(useActions().all).toEqual([action])
  scope.stop()
  expect(useActions().all).toEqual([])
})

describe('keys', () => {
  const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }

  test.for([
    [{ key: 'P' }, 'p'],
    [{ key: 'P', shiftKey: true }, 'Shift+p'],
    [{ key: '?', shiftKey: true }, '?'],
    [{ key: 'k', ctrlKey: true }, 'Mod+k'],
    [{ key: 'K', metaKey: true }, 'Mod+k'],
    [{ key: 'Z', ctrlKey: true, shiftKey: true }, 'Mod+Shift+z'],
    [{ key: 'ArrowUp' }, 'ArrowUp'],
    [{ key: 'Shift', shiftKey: true }, null],
    [{ key: 'l', altKey: true }, null],
  ] as const)('%j is %s', ([press, expected]) => {
    expect(pressed({ ...none, ...press })).toBe(expected)
  })

  test('keys one after the other are one shortcut; one that leads nowhere counts by itself', () => {
    const shortcuts = ['g l', 'g r', 'p']
    expect(advance(null, 'g', shortcuts)).toEqual({ whole: null, pending: 'g' })
    expect(advance('g', 'l', shortcuts)).toEqual({ whole: 'g l', pending: null })
    expect(advance('g', 'p', shortcuts)).toEqual({ whole: 'p', pending: null })
    expect(advance('g', 'x', shortcuts)).toEqual({ whole: null, pending: null })
  })

  test('are written as they stand on the keyboard', () => {
    expect(keyCaps('Mod+Shift+z', false)).toEqual([['Ctrl', 'Shift', 'Z']])
    expect(keyCaps('Mod+Enter', true)).toEqual([['⌘', '↵']])
    expect(keyCaps('g l', false)).toEqual([['G'], ['L']])
    expect(ariaKeys('Mod+k')).toBe('Control+k Meta+k')
  })
})

describe('a few letters', () => {
  test('fit where all of them come in order', () => {
    expect(fit('gtl', 'Go to Live')).not.toBeNull()
    expect(fit('lgt', 'Go to Live')).toBeNull()
    expect(fit('live go', 'Go to Live')).not.toBeNull()
  })

  test('find first what begins with them', () => {
    const titles = ['Go to Changes', 'Slower run', 'h100-chat', 'Chat']
    expect(best('cha', titles, title => title, 3)).toEqual(['Chat', 'h100-chat', 'Go to Changes'])
    expect(best('', titles, title => title, 2)).toHaveLength(2)
  })
})
