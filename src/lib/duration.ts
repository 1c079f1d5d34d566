/** A length of time as it is written in definitions: a whole number and a unit, e.g. `'250ms'`, `'5m'`, `'30d'`. */
export type Duration = `${number}${'us' | 'ms' | 's' | 'm' | 'h' | 'd'}`

const MICROS_PER_UNIT = {
  us: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
} as const

/** Microseconds of a duration such as `'5m'`, or undefined where the text is no duration or not an exact number of them. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+)(us|ms|s|m|h|d)$/.exec(text)
  if (match === null) return undefined
  const micros = Number(match[1]) * MICROS_PER_UNIT[match[2] as keyof typeof MICROS_PER_UNIT]
  return Number.isSafeInteger(micros) ? micros : undefined
}

/** The shortest text of a duration, in the largest unit that keeps it whole: 300,000,000 is `5m`. */
export function formatDuration(micros: number): string {
  const units = Object.entries(MICROS_PER_UNIT).reverse()
  const [unit, size] = units.find(([, unitMicros]) => micros % unitMicros === 0) ?? ['us', 1]
  return micros === 0 ? '0s' : `${micros / size}${unit}`
}
