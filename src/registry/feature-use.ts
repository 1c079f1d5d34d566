import type { ViewFeature } from '../definitions/view-feature.ts'
import { inspect } from '../lib/inspect.ts'
import type { AnyView, Declared } from './declared.ts'
import type { Problems } from './problems.ts'
import { stableJson } from './stable-json.ts'

interface Use {
  /** What uses it, e.g. `input 'latitude'`. */
  readonly as: string
  /** The entity whose features are admitted here. */
  readonly entity: string
  readonly declared: Declared
}

/** A feature that an on-demand view or a service names: whether it is there, and of the right entity. */
export function checkUse(problems: Problems, feature: ViewFeature, { as, entity, declared }: Use): void {
  const seen = `${as} is feature '${feature.name}' of view '${feature.view}'`
  if (feature.entity !== entity) {
    problems.add('DEFINITION_INVALID', {
      seen,
      why: `It is a feature of ${feature.entity}; here go features of ${entity} alone.`,
      mend: `Name a feature of a view of ${entity}.`,
    })
    return
  }
  const view = declared.views.get(feature.view)
  if (view === undefined && declared.broken.has(feature.view)) return
  const why = whyUnresolved(view, feature)
  if (why !== undefined) problems.add('DEFINITION_REFERENCE_UNRESOLVED', { seen, why })
}

function whyUnresolved(
  view: AnyView | undefined,
  { view: viewName, name, definition }: ViewFeature,
): string | undefined {
  if (view === undefined) return `The definitions hold no view '${viewName}'.`
  const found = declaredFeature(view, name)
  if (found === undefined)
    return `The view '${viewName}' has no feature '${name}'; it has ${Object.keys(view.features).join(', ')}.`
  const { dtype } = found.definition
  if (stableJson(dtype) === stableJson(definition.dtype)) return undefined
  return `The definitions hold another view '${viewName}', whose '${name}' is ${inspect(dtype)}.`
}

/** A view's feature by its name. */
export function declaredFeature(view: AnyView, name: string): ViewFeature | undefined {
  const features = view.features as Readonly<Record<string, ViewFeature>>
  return Object.hasOwn(features, name) ? features[name] : undefined
}
