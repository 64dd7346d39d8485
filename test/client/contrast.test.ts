import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { dashes } from '../../client/charts/families'
import { themes, type Theme } from '../../client/stores/view'

const styles = readFileSync('client/styles.css', 'utf8')

/** Where each colour of text stands. Tracks and avatars (`s3`) carry the stronger two alone. */
const papers = ['bg', 's1', 's2', 'acc-s', 'amber-s', 'red-s']
const text = [
  ...['t1', 't2', 't3'].flatMap(ink => papers.map(paper => [ink, paper] as const)),
  ...['t1', 't2'].map(ink => [ink, 's3'] as const),
  ...['acc', 'amber', 'red'].flatMap(ink => ['bg', 's1', 's2'].map(paper => [ink, paper] as const)),
  ['acc', 'acc-s'],
  ['amber', 'amber-s'],
  ['red', 'red-s'],
  ['on-acc', 'acc'],
  ['s1', 't1'],
] as const

/** What is no text and tells something: outlines of controls, lines and marks of the families, bars, trouble. */
const graphics = [
  ...['bg', 's1', 's2'].map(paper => ['ctl', paper] as const),
  ...[...Object.keys(dashes), 'bar', 'acc', 'amber', 'red'].map(ink => [ink, 's1'] as const),
] as const

describe.for(themes)('in the theme %s', theme => {
  const tokens = tokensOf(theme)

  test.for(text)('text in %s on %s is readable', ([ink, paper]) => {
    expect(contrast(tokens, ink, paper)).toBeGreaterThanOrEqual(4.5)
  })

  test.for(graphics)('graphics in %s on %s are seen', ([ink, paper]) => {
    expect(contrast(tokens, ink, paper)).toBeGreaterThanOrEqual(3)
  })
})

/** Colours of a theme, as the rules for it follow each other. */
function tokensOf(theme: Theme): ReadonlyMap<string, string> {
  const rules = [...styles.matchAll(/^(:root[^{]*)\{([^}]*)\}/gm)]
  const applied = rules.filter(([, selector = '']) => !selector.includes('[') || selector.includes(`'${theme}'`))
  const pairs = applied.flatMap(([, , body = '']) => [...body.matchAll(/--([\w-]+): (#[\da-f]{6})/g)])
  return new Map(pairs.map(([, name = '', colour = '']) => [name, colour]))
}

/** As WCAG 2.2 defines it. */
function contrast(tokens: ReadonlyMap<string, string>, ink: string, paper: string): number {
  const [dark = 0, light = 0] = [ink, paper].map(name => luminance(tokens.get(name) ?? '')).sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [red = NaN, green = NaN, blue = NaN] = [1, 3, 5].map(at => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
