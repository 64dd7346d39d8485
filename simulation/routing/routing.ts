/** Where a request is prefilled and where it is decoded, and its part of the workload's requests (0 to 1). */
export interface Route {
  prefill: string
  decode: string
  share: number
}

/** Each workload's routes; their shares add to 1. What operators edit. */
export type Routing = Record<string, Route[]>
