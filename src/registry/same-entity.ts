import type { AnyEntity, KeyColumns } from '../definitions/entity.ts'
import { stableJson } from './stable-json.ts'

/** Whether two entities are one: the same object, or two of one name and one key (a module that was loaded twice). */
export function sameEntity(a: AnyEntity, b: AnyEntity): boolean {
  return a === b || (a.name === b.name && keyText(a) === keyText(b))
}

function keyText(entity: AnyEntity): string {
  return stableJson(Object.entries(entity.keys as KeyColumns).map(([name, { dtype }]) => [name, dtype]))
}
