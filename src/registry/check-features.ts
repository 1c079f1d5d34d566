import type { Dtype } from '../definitions/dtypes.ts'
import type { ViewFeature } from '../definitions/view-feature.ts'
import { inspect } from '../lib/inspect.ts'
import { checkDtype } from './check-dtype.ts'
import { checkMemberName } from './check-names.ts'
import { type AnyView, featuresOf } from './declared.ts'
import { defaultProblem } from './default-value.ts'
import type { Problems } from './problems.ts'

/** Each feature of a view by itself: its name, dtype, default, and what it says of itself. `problems` is about the view. */
export function checkFeatures(problems: Problems, view: AnyView): void {
  const features = Object.entries(view.features as Readonly<Record<string, ViewFeature>>)
  if (features.length === 0) {
    problems.add('DEFINITION_INVALID', {
      seen: 'it has no features',
      why: 'A view gives at least one feature.',
      mend: 'Declare one, or take the view out.',
    })
  }
  for (const [name, feature] of features) checkOrigin(problems, view, { name, feature })
  for (const feature of featuresOf(view)) checkFeature(problems, view, feature)
}

/** A view made by its builder holds features that know it. */
function checkOrigin(
  problems: Problems,
  view: AnyView,
  { name, feature }: { name: string; feature: ViewFeature },
): void {
  if (feature.name === name && feature.view === view.name && feature.entity === view.entity.name) return
  problems.add('DEFINITION_INVALID', {
    seen: `feature '${name}' is '${feature.name}' of view '${feature.view}' of ${feature.entity}`,
    why: 'A view holds its own features, under their own names.',
    mend: `Make the view by ${view.kind}(), and declare its features there.`,
  })
}

function checkFeature(problems: Problems, view: AnyView, { name, definition }: ViewFeature): void {
  checkMemberName(problems, 'feature name', name)
  const inner = problems.about(`feature '${name}'`)
  if (checkDtype(inner, definition.dtype)) checkValues(inner, definition)
  checkKeyOptions(inner, definition)
  if (view.kind === 'batchView') checkColumn(inner, definition)
  else checkComputed(inner, definition)
}

function checkValues(problems: Problems, definition: ViewFeature['definition']): void {
  const { dtype, nonFinite } = definition
  if (nonFinite === 'string' && !holdsFloats(dtype)) {
    problems.add('DEFINITION_INVALID', {
      seen: "nonFinite is 'string'",
      why: 'Only floats and lists of floats may be infinite or NaN.',
      mend: 'Take nonFinite out.',
    })
  }
  if (definition.default === undefined) return
  const why = defaultProblem(dtype, nonFinite, definition.default)
  if (why === undefined) return
  problems.add('DEFINITION_INVALID', {
    seen: `default ${inspect(definition.default)}`,
    why,
    mend: 'Give a default of the dtype, or none: then null is served.',
  })
}

function holdsFloats(dtype: Dtype): boolean {
  const { kind } = dtype.kind === 'list' ? dtype.of : dtype
  return kind === 'float32' || kind === 'float64'
}

function checkKeyOptions(problems: Problems, { graphqlType }: ViewFeature['definition']): void {
  if (graphqlType === undefined) return
  problems.add('DEFINITION_INVALID', {
    seen: `graphqlType is ${inspect(graphqlType)}`,
    why: "Only keys choose their GraphQL type; a feature's follows from its dtype.",
    mend: 'Take graphqlType out.',
  })
}

function checkColumn(problems: Problems, { column }: ViewFeature['definition']): void {
  if (column === undefined || column !== '') return
  problems.add('DEFINITION_INVALID', {
    seen: "column is ''",
    why: 'A column has a name.',
    mend: "Name the source's column, or leave it out where it is called like the feature.",
  })
}

/** What an on-demand feature may not say, for nothing of it is stored. */
function checkComputed(problems: Problems, { nullable, column }: ViewFeature['definition']): void {
  if (nullable === false) {
    problems.add('DEFINITION_INVALID', {
      seen: 'nullable is false',
      why: 'It is a promise about stored rows, and an on-demand feature has none.',
      mend: 'Take nullable out; give a default where null must not be served.',
    })
  }
  if (column === undefined) return
  problems.add('DEFINITION_INVALID', {
    seen: `column is ${inspect(column)}`,
    why: 'An on-demand feature is computed and has no column.',
    mend: 'Take column out.',
  })
}
