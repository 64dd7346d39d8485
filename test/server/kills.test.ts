import { beforeAll, expect, test } from 'vitest'
import { killAgainAndAgain } from '../support/kills'
import { buildServer } from '../support/mortal-server'

beforeAll(buildServer, 120_000)

test('a server killed ten times under load loses nothing, repeats nothing, and its frames are those of one never killed', async () => {
  const report = await killAgainAndAgain(10, Math.random)
  expect(report.errors).toBe('')
  expect(report).toMatchObject({ lost: [], duplicated: [], differing: [], backwards: [] })
  expect(report.acknowledged).toBeGreaterThan(20)
  expect(report.seen).toBeGreaterThan(50)
}, 600_000)
