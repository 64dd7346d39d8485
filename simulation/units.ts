/** Conversions into base units: seconds, bytes, FLOP/s, watts, dollars per second. The only place they happen. */
export const TFLOPS = 1e12
export const GB = 1e9
export const TB = 1e12
export const GiB = 1024 * 1024 * 1024
/** One gigabit per second, in bytes per second. */
export const Gbps = 1e9 / 8
export const MS = 1e-3
export const US = 1e-6
export const MINUTE = 60
export const HOUR = 3600
export const DAY = 24 * HOUR
export const YEAR = 8760 * HOUR
export const KWH = 3.6e6
export const MILLION = 1e6
