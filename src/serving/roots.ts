import type { RegistryEntity } from '../registry/registry.ts'
import type { Variables } from './arguments.ts'
import { executeFallback, type FallbackRequest } from './fallback.ts'
import type { EntitySelection, RootField, ServiceField } from './plan.ts'
import { type Represented, readRepresentation } from './representation.ts'
import { type ObjectSet, objectOf, type RootOutcome, type RowsAtRoot } from './request.ts'

type KeyInput = Readonly<Record<string, unknown>>

/** What a root field is asked for; undefined where it takes no arguments. An Error stands in the field's place. */
export type RootInput =
  | undefined
  | Error
  | { readonly kind: 'key'; readonly key: KeyInput }
  | { readonly kind: 'keys'; readonly keys: readonly KeyInput[] }
  | { readonly kind: 'representations'; readonly representations: readonly (SelectedKey | Error)[] }
  | { readonly kind: 'rows'; readonly rows: RowsAtRoot['rows'] }

/** A representation and what is selected of its entity. */
interface SelectedKey extends Represented {
  readonly selection: EntitySelection
}

/** Coerces a root field's arguments. Nothing is made of them yet: how many keys there are is looked at first. */
export function readRoot(field: RootField, variables: Variables): RootInput {
  if (field.kind === 'typename' || field.kind === 'fallback') return undefined
  const args = field.readArguments(variables)
  if (args instanceof Error) return args
  switch (field.kind) {
    case 'entity':
      return { kind: 'key', key: args }
    case 'entities':
      return { kind: 'keys', keys: args.keys as readonly KeyInput[] }
    case 'representations':
      return { kind: 'representations', representations: represented(field.selections, args.representations) }
    case 'service':
      return { kind: 'rows', rows: args.rows as RowsAtRoot['rows'] }
    default:
      return field satisfies never
  }
}

function represented(
  selections: ReadonlyMap<string, EntitySelection>,
  representations: unknown,
): readonly (SelectedKey | Error)[] {
  const entities = new Map([...selections].map(([name, { entity }]) => [name, entity]))
  return (representations as readonly unknown[]).map((representation) => {
    const found = readRepresentation(representation, entities)
    return found instanceof Error ? found : { ...found, selection: selections.get(found.entity.name)! }
  })
}

/** Finds the objects that a root field names; graphql-js's own fields are executed. */
export function resolveRoot(
  field: RootField,
  input: RootInput,
  request: FallbackRequest & { readonly objects: ObjectSet },
): RootOutcome | Promise<RootOutcome> {
  if (field.kind === 'fallback') return executeFallback(request, field)
  if (input === undefined || input instanceof Error) return input
  const { objects } = request
  switch (input.kind) {
    case 'key': {
      const { selection } = field as { readonly selection: EntitySelection }
      return { kind: 'object', object: objectOf(objects, selection, keyOf(selection.entity, input.key)) }
    }
    case 'keys': {
      const { selection } = field as { readonly selection: EntitySelection }
      const found = input.keys.map((key) => objectOf(objects, selection, keyOf(selection.entity, key)))
      return { kind: 'objects', objects: found, selections: undefined }
    }
    case 'representations': {
      const found = input.representations.map((one) =>
        one instanceof Error ? one : objectOf(objects, one.selection, one.key),
      )
      const selections = input.representations.map((one) => (one instanceof Error ? undefined : one.selection))
      return { kind: 'objects', objects: found, selections }
    }
    case 'rows':
      return rowsOf(field as ServiceField, input.rows, objects)
    default:
      return input satisfies never
  }
}

function keyOf(entity: RegistryEntity, given: KeyInput): readonly unknown[] {
  const { keys } = entity
  return keys.length === 1 ? [given[keys[0]!.name]] : keys.map(({ name }) => given[name])
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
