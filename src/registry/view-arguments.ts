import type { ZodObject } from 'zod'
import type { AnyOnDemandView } from '../definitions/on-demand-view.ts'
import { argumentsOf, argumentText, namedTypesOf } from './arguments.ts'
import { type Declared, inputsOf, subjectOf } from './declared.ts'
import { argumentTypePrefix, type NameSources } from './names.ts'
import type { Problems } from './problems.ts'
import type { RegistryArgument } from './registry.ts'
import { stableJson } from './stable-json.ts'

/** The arguments of on-demand views by their names. */
export interface ViewArguments {
  readonly own: ReadonlyMap<string, readonly RegistryArgument[]>
  /** With those of on-demand inputs, each name once. */
  readonly field: ReadonlyMap<string, readonly RegistryArgument[]>
  /** The enums and objects that they are made of, each once. */
  readonly types: NameSources['argumentTypes']
}

/** Reads the zod schemas of all views. Called only where on-demand views go in no circle. */
export function readArguments(problems: Problems, declared: Declared, prefix: string): ViewArguments {
  const own = new Map(
    onDemandViews(declared).map((view) => [view.name, ownArguments(problems.about(subjectOf(view)), view, prefix)]),
  )
  const field = new Map<string, readonly RegistryArgument[]>()
  const fill = (view: AnyOnDemandView): readonly RegistryArgument[] => {
    const known = field.get(view.name)
    if (known !== undefined) return known
    const inner = inputViews(view, declared).map((input) => ({ of: `view '${input.name}'`, args: fill(input) }))
    const all = [{ of: `view '${view.name}'`, args: own.get(view.name)! }, ...inner]
    const merged = mergeArguments(problems.about(subjectOf(view)), all)
    field.set(view.name, merged)
    return merged
  }
  for (const view of onDemandViews(declared)) fill(view)
  return { own, field, types: argumentTypes(problems, own) }
}

function onDemandViews(declared: Declared): readonly AnyOnDemandView[] {
  return [...declared.views.values()].filter((view) => view.kind === 'onDemandView')
}

function inputViews(view: AnyOnDemandView, declared: Declared): readonly AnyOnDemandView[] {
  const names = new Set(inputsOf(view).map(([, feature]) => feature.view))
  return onDemandViews(declared).filter(({ name }) => names.has(name))
}

function ownArguments(problems: Problems, view: AnyOnDemandView, prefix: string): readonly RegistryArgument[] {
  if (view.args === undefined) return []
  try {
    const typeNamePrefix = argumentTypePrefix(view.entity.name, view.name, prefix)
    return argumentsOf(view.args as ZodObject, { typeNamePrefix, problems })
  } catch (error) {
    problems.add('DEFINITION_INVALID', {
      seen: `args threw ${error instanceof Error ? error.message : String(error)}`,
      why: 'The zod schema could not be read.',
      mend: 'Make it by z.object({ … }) of zod 4.',
    })
    return []
  }
}

/** Arguments of several places that become one set: a name that occurs twice must mean the same. */
export function mergeArguments(
  problems: Problems,
  places: readonly { readonly of: string; readonly args: readonly RegistryArgument[] }[],
): readonly RegistryArgument[] {
  const merged = new Map<string, { readonly of: string; readonly argument: RegistryArgument }>()
  for (const { of, args } of places) {
    for (const argument of args) {
      const before = merged.get(argument.name)
      if (before === undefined) merged.set(argument.name, { of, argument })
      else checkSame(problems, before, { of, argument })
    }
  }
  return [...merged.values()].map(({ argument }) => argument)
}

interface Placed {
  readonly of: string
  readonly argument: RegistryArgument
}

function checkSame(problems: Problems, a: Placed, b: Placed): void {
  const [before, again] = [argumentText(a.argument), argumentText(b.argument)]
  if (before === again) return
  problems.add('DEFINITION_NAME_TAKEN', {
    seen: `argument '${a.argument.name}' is ${before} in ${a.of} and ${again} in ${b.of}`,
    why: 'Arguments of one name become one argument, so their types and defaults must be equal.',
    mend: 'Rename one of the two, or give both one type; an enum or object is shared by .meta({ id }).',
  })
}

/** Each type once. Two of one name must be equal; names derived from views are made to differ, so this is about ids. */
function argumentTypes(problems: Problems, own: ViewArguments['own']): NameSources['argumentTypes'] {
  const found = new Map<string, { readonly of: string; readonly text: string }>()
  for (const [view, args] of own) {
    for (const type of namedTypesOf(args)) {
      const before = found.get(type.name)
      const text = stableJson(type)
      if (before === undefined) found.set(type.name, { of: `view '${view}'`, text })
      else if (before.text !== text) reportTypes(problems, { name: type.name, a: before.of, b: `view '${view}'` })
    }
  }
  return [...found].map(([name, { of }]) => ({ name, of }))
}

function reportTypes(problems: Problems, { name, a, b }: { name: string; a: string; b: string }): void {
  problems.add('DEFINITION_NAME_TAKEN', {
    seen: `'${name}' is a type of arguments of ${a} and another of ${b}`,
    mend: 'Give one of the two schemas another .meta({ id }), or use one schema in both.',
  })
}
