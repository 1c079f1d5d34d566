import {
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isObjectType,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
} from 'graphql'
import { invariant } from '../lib/assert.ts'
import type { RegistryEntity, RegistryFeature } from '../registry/registry.ts'
import type { FieldMeaning } from '../sdl/field-meaning.ts'
import type { CellName } from '../stores/online/online-store.ts'
import { compileArguments } from './arguments.ts'
import { type CollectContext, collectSubfields } from './collect-fields.ts'
import type { ArgumentSite, RowSelection, Selection, TypenameField } from './plan.ts'

const META_FIELDS = new Map([SchemaMetaFieldDef, TypeMetaFieldDef].map((field) => [field.name, field]))

/** What the parts of the planner share while one plan is made. */
export interface Planning extends CollectContext {
  readonly meanings: ReadonlyMap<string, FieldMeaning>
  readonly entities: ReadonlyMap<string, RegistryEntity>
  /** Filled as the plan is made. */
  readonly selections: RowSelection[]
  readonly sites: ArgumentSite[]
  fieldCount: number
}

/** One field of a selection, as a planner of fields gets it. */
export interface FoundField {
  readonly responseKey: string
  readonly nodes: readonly FieldNode[]
  readonly definition: GraphQLField<unknown, unknown>
  /** Undefined where graphql-js answers it. */
  readonly meaning: FieldMeaning | undefined
}

/** Plans the fields below `nodes` for objects of a type. */
export function planSelection<Field>(
  planning: Planning,
  below: { readonly type: GraphQLObjectType; readonly nodes: readonly FieldNode[] },
  planField: (found: FoundField) => Field,
): Selection<Field | TypenameField> {
  const typeName = below.type.name
  try {
    const fields: (Field | TypenameField)[] = []
    for (const [responseKey, nodes] of collectSubfields(planning, below.type, below.nodes)) {
      planning.fieldCount += 1
      fields.push(planOne(planning, { type: below.type, responseKey, nodes }, planField))
    }
    return { typeName, fields, refusal: undefined }
  } catch (error) {
    if (error instanceof GraphQLError) return { typeName, fields: [], refusal: error }
    throw error
  }
}

function planOne<Field>(
  planning: Planning,
  at: { readonly type: GraphQLObjectType; readonly responseKey: string; readonly nodes: readonly FieldNode[] },
  planField: (found: FoundField) => Field,
): Field | TypenameField {
  const { type, responseKey, nodes } = at
  const name = nodes[0]!.name.value
  if (name === '__typename') return { kind: 'typename', responseKey, nodes }
  const definition = type.getFields()[name] ?? META_FIELDS.get(name)
  invariant(definition !== undefined, `a validated operation has no field ${type.name}.${name}`)
  return planField({ responseKey, nodes, definition, meaning: planning.meanings.get(`${type.name}.${name}`) })
}

/** The object type that a field gives, through lists and non-nulls. */
export function objectTypeOf(field: GraphQLField<unknown, unknown>): GraphQLObjectType {
  const type = getNamedType(field.type)
  invariant(isObjectType(type), `${field.name} gives objects`)
  return type
}

/** The object type of an entity; fields of abstract types are always planned for it. */
export function entityType(planning: Planning, entity: RegistryEntity): GraphQLObjectType {
  const type = planning.schema.getType(entity.name)
  invariant(isObjectType(type), `the schema has the type ${entity.name}`)
  return type
}

/** Adds to `views` the positions of the views that a feature is read from: its own, or those of its inputs. */
export function addViews(views: Set<number>, feature: RegistryFeature): void {
  if (feature.kind === 'stored') views.add(feature.entity.batchViews.indexOf(feature.view))
  else for (const input of feature.view.inputs) addViews(views, input.feature)
}

/** Positions of views in registry order. */
export function ascending(views: ReadonlySet<number>): readonly number[] {
  return [...views].sort((a, b) => a - b)
}

/** Views of an entity as the store knows them: a batch view is the first cell under its name and version. */
export function cellsOf({ batchViews }: RegistryEntity, views: readonly number[]): readonly CellName[] {
  return views.map((view) => ({ view: batchViews[view]!.id, part: 0 }))
}

/** Registers a selection of rows under the next id. */
export function addSelection<S extends RowSelection>(planning: Planning, make: (id: number) => S): S {
  const id = planning.selections.length
  // Selections below this one are made within `make` and take the ids after it.
  planning.selections.length = id + 1
  const selection = make(id)
  planning.selections[id] = selection
  return selection
}

/** What a field that takes arguments keeps of its definition. */
export function argumentsOf({ definition, nodes }: FoundField): Pick<ArgumentSite, 'definition' | 'readArguments'> {
  return { definition, readArguments: compileArguments(definition, nodes[0]!) }
}

/** Registers a field whose arguments are coerced once a request. */
export function addSite(
  planning: Planning,
  found: FoundField,
  of: { readonly entity: RegistryEntity; readonly view: ArgumentSite['view'] },
): ArgumentSite {
  const { responseKey, nodes } = found
  const site = { slot: planning.sites.length, responseKey, nodes, ...argumentsOf(found), ...of }
  planning.sites.push(site)
  return site
}
