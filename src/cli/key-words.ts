import { FieldstoneError } from '../errors.ts'
import type { RegistryEntity } from '../registry/registry.ts'
import { canonicalKeyValue, encodeKey } from '../stores/online/key-codec.ts'

/** A key by its columns, as it was typed. */
export type KeyWords = Readonly<Record<string, string>>

/**
 * Keys as they are typed: for an entity of one key column, words; for others `origin=SEA destination=JFK`, where a column
 * that comes again begins the next key. A column may be named for an entity of one column too. Throws KEY_INVALID.
 */
export function parseKeyWords(entity: RegistryEntity, words: readonly string[]): readonly KeyWords[] {
  const columns = entity.keys.map((key) => key.name)
  const keys: Record<string, string>[] = []
  for (const word of words) {
    const [column, value] = splitWord(entity, columns, word)
    const current = keys.at(-1)
    if (current === undefined || column in current) keys.push({ [column]: value })
    else current[column] = value
  }
  for (const key of keys) assertLegal(entity, columns, key)
  return keys
}

function splitWord(entity: RegistryEntity, columns: readonly string[], word: string): readonly [string, string] {
  const column = columns.find((name) => word.startsWith(`${name}=`))
  if (column !== undefined) return [column, word.slice(column.length + 1)]
  if (columns.length === 1) return [columns[0]!, word]
  throw new FieldstoneError('KEY_INVALID', {
    seen: `${entity.name} key '${word}'`,
    why: `A key of ${entity.name} is ${columns.join(', ')}.`,
    mend: `Write ${pattern(columns)}.`,
  })
}

function assertLegal(entity: RegistryEntity, columns: readonly string[], key: KeyWords): void {
  const missing = columns.filter((column) => !(column in key))
  if (missing.length === 0) {
    encodeKey(
      entity,
      columns.map((column, index) => canonicalKeyValue(entity, index, key[column])),
    )
    return
  }
  throw new FieldstoneError('KEY_INVALID', {
    seen: `${entity.name} key ${Object.entries(key)
      .map((pair) => pair.join('='))
      .join(' ')}`,
    why: `It has no ${missing.join(' and no ')}.`,
    mend: `Write ${pattern(columns)}.`,
  })
}

function pattern(columns: readonly string[]): string {
  return columns.map((column) => `${column}=…`).join(' ')
}
