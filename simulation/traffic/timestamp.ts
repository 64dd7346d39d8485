const pattern = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:Z|([+-])(\d\d):?(\d\d))?$/
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/**
 * Seconds since 1970-01-01 of an ISO-like time such as `2023-11-16 18:17:03.9799600`, `T` or a space between, with an
 * offset, `Z` or nothing (then taken as UTC); `null` for anything else. By civil-day arithmetic.
 */
export function parseTimestamp(text: string): number | null {
  const match = pattern.exec(text)
  if (!match) return null
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6])]
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const days = month === 2 && leap ? 29 : (monthDays[month - 1] ?? 0)
  // a second of 60 is a leap second
  if (day < 1 || day > days || hour > 23 || minute > 59 || second > 60) return null
  const offset = match[8] ? (Number(match[9]) * 60 + Number(match[10])) * (match[8] === '-' ? -60 : 60) : 0
  return civilDay(year, month, day) * 86400 + hour * 3600 + minute * 60 + second + Number(match[7] ?? 0) - offset
}

/** Days since 1970-01-01 in the Gregorian calendar, counted in years that begin in March (Hinnant, 2013). */
function civilDay(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719468
}
