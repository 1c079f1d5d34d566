import { inspect } from '../lib/inspect.ts'
import { checkBatchView } from './check-batch-views.ts'
import { checkFeatures } from './check-features.ts'
import { checkName } from './check-names.ts'
import { type AnyService, type AnyView, type Declared, subjectOf } from './declared.ts'
import type { Problems } from './problems.ts'
import { sameEntity } from './same-entity.ts'

/** The rules of every view: its name, version, entity and features, and those of batch views. */
export function checkViews(problems: Problems, declared: Declared): void {
  for (const view of declared.views.values()) {
    const inner = problems.about(subjectOf(view))
    checkName(inner, 'name', view.name)
    checkVersion(inner, view)
    checkEntity(inner, view, declared)
    checkFeatures(inner, view)
    if (view.kind === 'batchView') checkBatchView(inner, view)
  }
}

export function checkVersion(problems: Problems, { version }: AnyView | AnyService): void {
  if (Number.isSafeInteger(version) && version >= 1) return
  problems.add('DEFINITION_INVALID', {
    seen: `version is ${inspect(version)}`,
    why: 'Versions are whole numbers from 1 on.',
    mend: 'Write version: 1, and one more at every breaking change.',
  })
}

function checkEntity(problems: Problems, view: AnyView, declared: Declared): void {
  const { name } = view.entity
  const entity = declared.entities.get(name)
  if (declared.broken.has(name) || (entity !== undefined && sameEntity(entity, view.entity))) return
  problems.add('DEFINITION_REFERENCE_UNRESOLVED', {
    seen: `its entity is '${name}'`,
    why:
      entity === undefined
        ? `The definitions hold no entity '${name}'; they hold ${[...declared.entities.keys()].join(', ') || 'none'}.`
        : `The definitions hold another entity '${name}', with other keys.`,
  })
}
