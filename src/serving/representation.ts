import { FieldstoneError } from '../errors.ts'
import { inspect } from '../lib/inspect.ts'
import type { RegistryEntity } from '../registry/registry.ts'

/** What a representation given to `_entities` names. */
export interface Represented {
  readonly entity: RegistryEntity
  /** As given; still to be made canonical. */
  readonly key: readonly unknown[]
}

/** Reads a representation: an object with `__typename` and every key of that entity; anything else in it is left alone. */
export function readRepresentation(
  representation: unknown,
  entities: ReadonlyMap<string, RegistryEntity>,
): Represented | FieldstoneError {
  if (typeof representation !== 'object' || representation === null || Array.isArray(representation)) {
    return refused(representation, 'It is no object.')
  }
  const given = representation as Readonly<Record<string, unknown>>
  const entity = typeof given.__typename === 'string' ? entities.get(given.__typename) : undefined
  if (entity === undefined) return refused(representation, `Its __typename ${inspect(given.__typename)} is no entity.`)
  const missing = entity.keys.find(({ name }) => !Object.hasOwn(given, name) || given[name] == null)
  if (missing !== undefined)
    return refused(representation, `It has no '${missing.name}', which is a key of ${entity.name}.`)
  return { entity, key: entity.keys.map(({ name }) => given[name]) }
}

function refused(representation: unknown, why: string): FieldstoneError {
  return new FieldstoneError('REPRESENTATION_INVALID', { seen: inspect(representation), why })
}
