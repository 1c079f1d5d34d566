const MAX_LENGTH = 120

/** A short, one-line picture of any value, for error messages ("saw 12n", "saw { a: 1 }"). At most 120 characters. */
export function inspect(value: unknown): string {
  const text = pictureOrNone(value)
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text
}

/** What users throw and return may throw in its turn when it is looked at: getters, proxies. */
function pictureOrNone(value: unknown): string {
  try {
    return picture(value, 0)
  } catch {
    return 'a value that cannot be shown'
  }
}

function picture(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value.length > MAX_LENGTH ? value.slice(0, MAX_LENGTH) : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return value.name === '' ? 'a function' : `function ${value.name}`
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (depth > 1) return Array.isArray(value) ? '[…]' : '{…}'
  return Array.isArray(value) ? pictureOfList(value, depth) : pictureOfObject(value, depth)
}

function pictureOfList(list: readonly unknown[], depth: number): string {
  const shown = list.slice(0, 8).map((item) => picture(item, depth + 1))
  return `[${shown.join(', ')}${list.length > 8 ? ', …' : ''}]`
}

function pictureOfObject(object: object, depth: number): string {
  const entries = Object.entries(object)
  const shown = entries.slice(0, 8).map(([name, item]) => `${name}: ${picture(item, depth + 1)}`)
  if (entries.length > 8) shown.push('…')
  return shown.length === 0 ? '{}' : `{ ${shown.join(', ')} }`
}
