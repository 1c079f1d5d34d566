import { type Definition, isDefinition } from '../definitions/definition.ts'
import type { AnyEntity } from '../definitions/entity.ts'
import type { AnyOnDemandView } from '../definitions/on-demand-view.ts'
import type { ViewFeature } from '../definitions/view-feature.ts'
import { inspect } from '../lib/inspect.ts'
import { shapeProblems } from './definition-shapes.ts'
import type { Problems } from './problems.ts'

export type AnyBatchView = Extract<Definition, { readonly kind: 'batchView' }>
export type AnyView = AnyBatchView | AnyOnDemandView
export type AnyService = Extract<Definition, { readonly kind: 'featureService' }>

/** The definitions of a deployment by their names, in declared order; each has the shape that its type promises. */
export interface Declared {
  readonly entities: ReadonlyMap<string, AnyEntity>
  readonly views: ReadonlyMap<string, AnyView>
  readonly services: ReadonlyMap<string, AnyService>
  /** Names of definitions that were left out for their shape: what refers to them is not told again. */
  readonly broken: ReadonlySet<string>
}

/** Sorts the definitions by kind. Reports those that are none, whose shape is wrong, or whose name was there before. */
export function collectDefinitions(definitions: readonly unknown[], problems: Problems): Declared {
  const entities = new Map<string, AnyEntity>()
  const views = new Map<string, AnyView>()
  const services = new Map<string, AnyService>()
  const broken = new Set<string>()
  const add = <D extends Definition>(kindOfMap: Map<string, D>, definition: D): void => {
    const before = kindOfMap.get(definition.name)
    if (before === undefined) kindOfMap.set(definition.name, definition)
    else reportDuplicate(problems, before, definition)
  }
  for (const [index, definition] of definitions.entries()) {
    if (!isSound(definition, index, problems)) broken.add(nameOf(definition))
    else if (definition.kind === 'entity') add(entities, definition)
    else if (definition.kind === 'featureService') add(services, definition)
    else add(views, definition)
  }
  return { entities, views, services, broken }
}

function isSound(definition: unknown, index: number, problems: Problems): definition is Definition {
  if (!isDefinition(definition)) {
    problems.add('DEFINITION_INVALID', {
      seen: `definition ${index} is ${inspect(definition)}`,
      why: 'A deployment is made of entities, batch views, on-demand views and feature services.',
      mend: 'Take it out of the list.',
    })
    return false
  }
  const found = shapeProblems(definition)
  const name = nameOf(definition)
  const subject = name === '' ? `definition ${index}, of kind ${definition.kind}` : subjectOf(definition)
  for (const problem of found) problems.about(subject).add('DEFINITION_INVALID', problem)
  return found.length === 0
}

function nameOf(definition: unknown): string {
  const name = (definition as { readonly name?: unknown } | null | undefined)?.name
  return typeof name === 'string' ? name : ''
}

function reportDuplicate(problems: Problems, before: Definition, again: Definition): void {
  problems.about(subjectOf(again)).add('DEFINITION_NAME_TAKEN', {
    seen: before === again ? 'it is listed twice' : `there is another ${before.kind} of this name`,
    why: 'Names of definitions are unique in a deployment.',
    mend: before === again ? 'List it once.' : 'Rename one of the two.',
  })
}

/** Names a definition in messages: `batchView 'airportDaily'`. */
export function subjectOf(definition: Definition): string {
  return `${definition.kind} '${definition.name}'`
}

/** The features of a view, in declared order. */
export function featuresOf(view: AnyView): readonly ViewFeature[] {
  return Object.values(view.features as Readonly<Record<string, ViewFeature>>)
}

/** The inputs of an on-demand view by the names that its function sees. */
export function inputsOf(view: AnyOnDemandView): readonly (readonly [string, ViewFeature])[] {
  return Object.entries(view.inputs as Readonly<Record<string, ViewFeature>>)
}

/** The views of an entity, in declared order. */
export function viewsOf(declared: Declared, entity: AnyEntity): readonly AnyView[] {
  return [...declared.views.values()].filter((view) => view.entity.name === entity.name)
}
