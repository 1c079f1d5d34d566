import { inspect } from '../lib/inspect.ts'
import { checkBatchView } from './check-batch-views.ts'
import { checkFeatures } from './check-features.ts'
import { checkName } from './check-names.ts'
import { type AnyService, type AnyView, type Declared, subjectOf } from './declared.ts'
import { checkListed } from './listed-entity.ts'
import type { Problems } from './problems.ts'

/** The rules of every view: its name, version, entity and features, and those of batch views. */
export function checkViews(problems: Problems, declared: Declared): void {
  for (const view of declared.views.values()) {
    const inner = problems.about(subjectOf(view))
    checkName(inner, 'name', view.name)
    checkVersion(inner, view)
    checkListed(inner, view.entity, declared)
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
