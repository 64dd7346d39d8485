/** A moment that somebody names by its clock. */

const day = 86_400

/** Simulated time [s] nearest to `near` at which the clock of the run says so: "14:03", "14:03:20"; `null` where it is no time. */
export function momentOf(text: string, epoch: string, near: number): number | null {
  const [, hours, minutes, seconds = '0'] = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim()) ?? []
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59 || hours === undefined) return null
  const start = (Date.parse(epoch) / 1000) % day
  const time = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) - start
  return time + Math.round((near - time) / day) * day
}
