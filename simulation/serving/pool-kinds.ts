import type { TokenPool } from './kv-cache'
import type { PoolState } from './pool'
import type { QueryPool } from './single-shot'

export function isTokenPool(pool: PoolState): pool is TokenPool {
  return pool.serving.kind === 'tokens'
}

export function isQueryPool(pool: PoolState): pool is QueryPool {
  return pool.serving.kind === 'single-shot'
}
