// @vitest-environment happy-dom
import { afterEach, expect, test } from 'vitest'
import { createApp, nextTick } from 'vue'
import PoolFigures from '../../client/panels/route/PoolFigures.vue'
import { openDesk } from '../support/desk'

const desk = openDesk()
afterEach(() => desk.stop())

test('a pool that has lost replicas says how many are left', async () => {
  const index = desk.run.fleet?.pools.findIndex(({ id }) => id === 'h200-chat') ?? -1
  document.body.innerHTML = '<main></main>'
  const page = createApp(PoolFigures, { index })
  page.use(desk.pinia).mount('main')
  expect(document.body.textContent).toContain('running')
  expect(document.body.textContent).not.toContain('replicas')
  desk.greet(desk.frameAfter({ id: 'a chip', kind: 'chip-loss', pool: 'h200-chat', replica: 3 }))
  await nextTick()
  expect(document.querySelector('.trouble')?.textContent).toBe('23 of 24 replicas')
  page.unmount()
})
