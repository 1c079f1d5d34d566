import type { RegistryEntity } from '../registry/registry.ts'
import { coerceArguments, type Variables } from './arguments.ts'
import { executeFallback, type FallbackRequest } from './fallback.ts'
import type { EntityRootField, RepresentationsField, RootField, ServiceField } from './plan.ts'
import { readRepresentation } from './representation.ts'
import { type ObjectSet, objectOf, type RootOutcome, type RowsAtRoot, type SelectedObject } from './request.ts'

/** What root fields need beside their plan. */
export interface RootRequest extends FallbackRequest {
  readonly coerced: Variables
  readonly objects: ObjectSet
}

/** Coerces a root field's arguments and finds the objects that they name; graphql-js's own fields are executed. */
export async function resolveRoot(field: RootField, request: RootRequest): Promise<RootOutcome> {
  if (field.kind === 'typename') return undefined
  if (field.kind === 'fallback') return executeFallback(request, field)
  const args = coerceArguments(field, request.coerced)
  if (args instanceof Error) return args
  switch (field.kind) {
    case 'entity':
      return { kind: 'object', object: objectAt(field, args, request.objects) }
    case 'entities':
      return { kind: 'objects', objects: objectsAt(field, args.keys as readonly KeyInput[], request.objects) }
    case 'representations':
      return { kind: 'objects', objects: representedObjects(field, args.representations, request.objects) }
    case 'service':
      return rowsOf(field, args.rows as RowsAtRoot['rows'], request.objects)
    default:
      return field satisfies never
  }
}

type KeyInput = Readonly<Record<string, unknown>>

function keyOf(entity: RegistryEntity, given: KeyInput): readonly unknown[] {
  return entity.keys.map(({ name }) => given[name])
}

function objectAt({ selection }: EntityRootField, args: KeyInput, objects: ObjectSet) {
  return objectOf(objects, selection, keyOf(selection.entity, args))
}

function objectsAt(
  { selection }: EntityRootField,
  keys: readonly KeyInput[],
  objects: ObjectSet,
): readonly SelectedObject[] {
  return keys.map((key) => ({ selection, object: objectOf(objects, selection, keyOf(selection.entity, key)) }))
}

function representedObjects(
  { selections }: RepresentationsField,
  representations: unknown,
  objects: ObjectSet,
): readonly SelectedObject[] {
  const entities = new Map([...selections].map(([name, { entity }]) => [name, entity]))
  return (representations as readonly unknown[]).map((representation) => {
    const represented = readRepresentation(representation, entities)
    if (represented instanceof Error) return { selection: undefined, object: represented }
    const selection = selections.get(represented.entity.name)
    return { selection, object: objectOf(objects, selection!, represented.key) }
  })
}

function rowsOf({ service, selection }: ServiceField, rows: RowsAtRoot['rows'], objects: ObjectSet): RowsAtRoot {
  const roles = selection.fields.filter((field) => field.kind === 'role')
  const objectsOfRole = ({ selection: role, roleIndex }: (typeof roles)[number]) =>
    rows.map((row) => {
      const { name, entity } = service.roles[roleIndex]!
      return objectOf(objects, role, keyOf(entity, row[name] as KeyInput))
    })
  return { kind: 'rows', rows, roles: new Map(roles.map((role) => [role.selection, objectsOfRole(role)])) }
}
