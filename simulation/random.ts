/**
 * A stream of random numbers: the four words of a small fast counting generator (sfc32, Doty-Humphrey, PractRand).
 * Plain data, so that a fork of the simulation continues the same stream.
 */
export type Stream = Int32Array

/** The stream of that name under that seed. Streams of different names are independent. */
export function createStream(seed: number, name: string): Stream {
  // FNV-1a of the name; the seed's two halves are words of their own
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  const stream = Int32Array.from([hash, seed >>> 0, Math.floor(seed / 4294967296) >>> 0, 1])
  for (let i = 0; i < 16; i++) next(stream)
  return stream
}

/** Uniform in [0, 1), 32 bits. */
export function uniform(stream: Stream): number {
  return (next(stream) >>> 0) / 4294967296
}

/** Uniform integer in [0, count). */
export function integer(stream: Stream, count: number): number {
  return Math.floor(uniform(stream) * count)
}

/** Exponential with mean 1. */
export function exponential(stream: Stream): number {
  return -Math.log(1 - uniform(stream))
}

/** Standard normal, by the polar method (Marsaglia and Bray, 1964), which needs no trigonometry. */
export function normal(stream: Stream): number {
  for (;;) {
    const u = 2 * uniform(stream) - 1
    const v = 2 * uniform(stream) - 1
    const s = u * u + v * v
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s)
  }
}

/** Gamma with this shape and scale 1 (Marsaglia and Tsang, 2000). */
export function gamma(stream: Stream, shape: number): number {
  if (shape < 1) return gamma(stream, shape + 1) * Math.exp(Math.log(1 - uniform(stream)) / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = normal(stream)
    const root = 1 + c * x
    if (root <= 0) continue
    const v = root * root * root
    if (Math.log(1 - uniform(stream)) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}

/** 32 random bits. */
function next(s: Stream): number {
  const a = s[0] as number
  const b = s[1] as number
  const c = s[2] as number
  const d = s[3] as number
  const result = (((a + b) | 0) + d) | 0
  s[0] = b ^ (b >>> 9)
  s[1] = (c + (c << 3)) | 0
  s[2] = (((c << 21) | (c >>> 11)) + result) | 0
  s[3] = (d + 1) | 0
  return result
}
