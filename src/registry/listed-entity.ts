import type { AnyEntity, KeyColumns } from '../definitions/entity.ts'
import type { Declared } from './declared.ts'
import type { Problems } from './problems.ts'
import { stableJson } from './stable-json.ts'

/** That the entity of a view or role is among the definitions. `problems` is about the view or role. */
export function checkListed(problems: Problems, entity: AnyEntity, declared: Declared): void {
  const { name } = entity
  const listed = declared.entities.get(name)
  if (declared.broken.has(name) || (listed !== undefined && isSame(listed, entity))) return
  problems.add('DEFINITION_REFERENCE_UNRESOLVED', {
    seen: `its entity is '${name}'`,
    why:
      listed === undefined
        ? `The definitions hold no entity '${name}'; they hold ${[...declared.entities.keys()].join(', ') || 'none'}.`
        : `The definitions hold another entity '${name}', with other keys.`,
  })
}

/** The same object, or one of the same key (a module that was loaded twice). */
function isSame(a: AnyEntity, b: AnyEntity): boolean {
  return a === b || keyText(a) === keyText(b)
}

function keyText(entity: AnyEntity): string {
  return stableJson(Object.entries(entity.keys as KeyColumns).map(([name, { dtype }]) => [name, dtype]))
}
