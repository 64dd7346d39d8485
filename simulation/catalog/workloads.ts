import type { Source } from './source'

/** Token counts of prompts or outputs. */
export type Lengths =
  | { kind: 'fixed'; value: number }
  | { kind: 'uniform'; from: number; to: number }
  | { kind: 'lognormal'; mean: number; cv: number }
  /** Inverse distribution function: tokens at each probability, straight lines between; ascending, from 0 to 1. */
  | { kind: 'quantiles'; probabilities: number[]; tokens: number[] }

/** A stretch of time at a rate. */
export interface Stage {
  /** [s] */
  duration: number
  /** [requests/s] */
  rate: number
}

/** The stages follow one another, once, or over and over with `repeat`; after the last no request comes. */
export type Arrivals =
  | { kind: 'poisson'; stages: Stage[]; repeat?: boolean }
  | { kind: 'constant'; stages: Stage[]; repeat?: boolean }
  /** Independent gaps with this coefficient of variation. */
  | { kind: 'gamma'; cv: number; stages: Stage[]; repeat?: boolean }
  /** Requests of a file, lengths included, fed while the run goes on; `scale` 3 is three times the rate. */
  | { kind: 'trace'; scale: number }
  /** A fixed number of requests in flight from the start, the next one sent when one leaves, until all are sent. */
  | { kind: 'closed'; concurrency: number; requests: number }

/** Limits that a request must meet to count as good [s]; an absent one is not asked for. */
export interface Objectives {
  ttft?: number
  tpot?: number
  e2e?: number
}

/** What a tenant pays: per token [$], or per query of a single-shot model [$]; a training job has none. */
export interface Price {
  promptToken?: number
  outputToken?: number
  query?: number
  source?: Source
}

export type Tenant = 'startup' | 'enterprise' | 'own product'

/** A class of traffic of one tenant. A training job is a workload without arrivals: it keeps its replicas busy. */
export interface Workload {
  id: string
  name: string
  tenant: Tenant
  model: string
  kind: 'tokens' | 'single-shot' | 'training'
  arrivals: Arrivals | null
  promptTokens: Lengths
  outputTokens: Lengths
  objectives: Objectives
  /** Part of its requests that is to meet them, 0 to 1; 0.99 without it. */
  target?: number
  price: Price
  /** Queues serve the largest first, and the smallest is preempted first; 0 without it. */
  priority?: number
  /** From arrival until the client has gone, answered or not [s]. */
  timeout?: number
  /** Part of the clients that leave while their answer is being written, at a token drawn evenly. */
  abandonment?: number
  /** The first tokens of a prompt, the same for all requests of a group; part of `promptTokens`. */
  sharedPrefix?: { groups: number; tokens: number }
  /**
   * Conversations: each turn's prompt is what was said before and `promptTokens` more; a user waits for the answer. With
   * `repeat` every user asks the same prompt over and over instead, and does not wait.
   */
  sessions?: { users: number; turns: number; repeat?: boolean }
  /** Arrival times at which another cohort begins, ascending [s]; figures are kept apart by cohort. */
  cohorts?: number[]
  /** From one checkpoint of a training job to the next [s]; without it, the catalog's. */
  checkpointEvery?: number
  /** Whether a request that a replica turns away tries the workload's other routes. */
  spill?: boolean
  /** Of the arrivals and lengths. */
  source: Source
}

/** A training job: a workload that nobody sends requests, and that nobody waits or pays for. */
export function trainingJob(
  job: Pick<Workload, 'id' | 'name' | 'tenant' | 'model' | 'source' | 'checkpointEvery'>,
): Workload {
  return {
    ...job,
    kind: 'training',
    arrivals: null,
    promptTokens: { kind: 'fixed', value: 1 },
    outputTokens: { kind: 'fixed', value: 1 },
    objectives: {},
    price: {},
  }
}
