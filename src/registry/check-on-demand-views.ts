import { type AnyView, type Declared, inputsOf, subjectOf } from './declared.ts'
import { checkUse } from './feature-use.ts'
import type { Problems } from './problems.ts'

/** The inputs of on-demand views: they are there, of the same entity, and go in no circle. Tells whether there is none. */
export function checkOnDemandViews(problems: Problems, declared: Declared): boolean {
  for (const view of declared.views.values()) {
    if (view.kind !== 'onDemandView') continue
    for (const [name, feature] of inputsOf(view)) {
      checkUse(problems.about(subjectOf(view)), feature, { as: `input '${name}'`, entity: view.entity.name, declared })
    }
  }
  const cycles = findCycles(declared)
  for (const cycle of cycles) {
    problems.add('DEFINITION_CYCLE', {
      seen: `onDemandView ${cycle.join(' -> ')}`,
      mend: 'Take one of these inputs out, or move what two of them share into a third view.',
    })
  }
  return cycles.length === 0
}

/** Each circle once, as the names along it, the first one again at the end. */
function findCycles(declared: Declared): readonly (readonly string[])[] {
  const cycles: string[][] = []
  const done = new Set<string>()
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) cycles.push([...path.slice(path.indexOf(name)), name])
    if (path.includes(name) || done.has(name)) return
    for (const next of onDemandInputs(declared.views.get(name))) visit(next, [...path, name])
    done.add(name)
  }
  for (const name of declared.views.keys()) visit(name, [])
  return cycles
}

/** The on-demand views, or those that may be, that a view takes inputs from, each once. */
function onDemandInputs(view: AnyView | undefined): readonly string[] {
  if (view?.kind !== 'onDemandView') return []
  return [...new Set(inputsOf(view).map(([, feature]) => feature.view))]
}
