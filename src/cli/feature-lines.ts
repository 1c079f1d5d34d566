import type { FoundFeature, FoundRow } from './read-features.ts'
import { textTable } from './text-table.ts'

/** What `fieldstone get` prints. */
export function featureLines(rows: readonly FoundRow[], format: 'table' | 'json'): readonly string[] {
  switch (format) {
    case 'json':
      return [JSON.stringify(rows.map(jsonRow), undefined, 2)]
    case 'table':
      return rows.flatMap((row, index) => [...(index === 0 ? [] : ['']), ...tableOf(row)])
    default:
      return format satisfies never
  }
}

function jsonRow({ entity, key, features }: FoundRow): object {
  return {
    entity,
    key,
    features: Object.fromEntries(
      features.map(({ name, value, status, eventTime, error }) => [
        name,
        { value, status, eventTime, ...(error === undefined ? {} : { error: error.extensions?.code }) },
      ]),
    ),
  }
}

function tableOf({ entity, key, features }: FoundRow): readonly string[] {
  const heading = `${entity} ${Object.entries(key)
    .map((pair) => pair.join('='))
    .join(' ')}`
  return [heading, ...textTable(['feature', 'value', 'status', 'event time'], features.map(tableRow))]
}

function tableRow({ name, value, status, eventTime, error }: FoundFeature): readonly string[] {
  const text = value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)
  return [name, text, status ?? String(error?.extensions?.code ?? ''), eventTime ?? '']
}
