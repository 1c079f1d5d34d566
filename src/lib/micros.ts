/**
 * Instants are whole microseconds since 1970 in UTC, exact in a double until 2255 (SPEC T1).
 * On the wire they are RFC 3339 strings with 0, 3 or 6 fractional digits and `Z`.
 */
const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/

/** Microseconds of an RFC 3339 text, or undefined where it is none, names no real instant, is finer than 1 us or past a double's range. */
export function parseTimestamp(text: string): number | undefined {
  const match = RFC_3339.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', zone] = match
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined
  date.setUTCHours(Number(hour), Number(minute), Number(second))
  const offsetMinutes = parseOffset(zone!)
  const fractionMicros = parseFraction(fraction)
  if (offsetMinutes === undefined || fractionMicros === undefined) return undefined
  const micros = (date.getTime() - offsetMinutes * 60_000) * 1000 + fractionMicros
  return Number.isSafeInteger(micros) ? micros : undefined
}

function parseOffset(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(4, 6))
  if (hours > 23 || minutes > 59) return undefined
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes)
}

function parseFraction(digits: string): number | undefined {
  if (!/^0*$/.test(digits.slice(6))) return undefined
  return Number(digits.slice(0, 6).padEnd(6, '0'))
}

/** RFC 3339 with the fewest of 0, 3 or 6 fractional digits that keep the value (SPEC S4). */
export function formatTimestamp(micros: number): string {
  const millis = Math.floor(micros / 1000)
  const rest = micros - millis * 1000
  const iso = new Date(millis).toISOString()
  if (rest !== 0) return `${iso.slice(0, -1)}${String(rest).padStart(3, '0')}Z`
  return iso.endsWith('.000Z') ? `${iso.slice(0, -5)}Z` : iso
}
