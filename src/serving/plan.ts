import type { FieldNode, GraphQLError, GraphQLField } from 'graphql'
import type {
  OnDemandFeature,
  RegistryEntity,
  RegistryFeature,
  RegistryOnDemandView,
  RegistryReference,
  RegistryService,
  StoredFeature,
} from '../registry/registry.ts'
import type { FeatureInfoField } from '../sdl/field-meaning.ts'
import type { CellName } from '../stores/online/online-store.ts'
import type { ReadArguments } from './arguments.ts'

/**
 * How one operation is answered under one combination of its conditions: the stages say what is read, the fields what is
 * written and in which order.
 */
export interface QueryPlan {
  readonly root: Selection<RootField>
  /** Every selection of rows; a selection's `id` is its place here. */
  readonly selections: readonly RowSelection[]
  /** Fields below the root whose arguments are coerced once a request; a site's `slot` is its place here. */
  readonly sites: readonly ArgumentSite[]
  readonly stages: readonly Stage[]
  /** Response keys that graphql-js answers. */
  readonly fallbackFields: readonly string[]
  /** How many fields the plan holds; its size is reckoned from them. */
  readonly fieldCount: number
}

/** Reads that need nothing of each other: the roots, then what the stage before refers to. */
export interface Stage {
  readonly scans: readonly PlannedScan[]
}

/** One read of one entity: all selections of a stage together. */
export interface PlannedScan {
  readonly entity: RegistryEntity
  /** Positions in `entity.batchViews`, ascending. */
  readonly views: readonly number[]
  /** Those views as the store knows them. */
  readonly cells: readonly CellName[]
  readonly selections: readonly RowSelection[]
}

/** The fields of an object in the order of the answer, or why graphql-js would refuse to collect them (a null condition). */
export interface Selection<Field> {
  readonly typeName: string
  readonly fields: readonly Field[]
  readonly refusal: GraphQLError | undefined
}

/** A selection on rows of one entity. */
export interface RowSelection {
  readonly id: number
  readonly stage: number
  readonly entity: RegistryEntity
  /** Positions in `entity.batchViews` of the views that a row is read from, ascending: the first that fails gives the error. */
  readonly views: readonly number[]
  /** Sites of `featureInfo` fields, which add views by their arguments. */
  readonly infoSites: readonly ArgumentSite[]
  readonly references: readonly ReferenceField[]
}

export interface EntitySelection extends RowSelection, Selection<EntityField> {}

export interface RoleSelection extends RowSelection, Selection<RoleField> {}

interface FieldBase {
  readonly responseKey: string
  /** All merged nodes; errors carry the locations of each. */
  readonly nodes: readonly FieldNode[]
}

export interface TypenameField extends FieldBase {
  readonly kind: 'typename'
}

interface ArgumentsOf {
  readonly definition: GraphQLField<unknown, unknown>
  readonly readArguments: ReadArguments
}

/** A field below the root that takes arguments. */
export interface ArgumentSite extends FieldBase, ArgumentsOf {
  readonly slot: number
  /** The view that is called with them; undefined for `featureInfo`. */
  readonly view: RegistryOnDemandView | undefined
  readonly entity: RegistryEntity
}

export type RootField = TypenameField | EntityRootField | RepresentationsField | ServiceField | FallbackField

export interface EntityRootField extends FieldBase, ArgumentsOf {
  readonly kind: 'entity' | 'entities'
  readonly selection: EntitySelection
}

export interface RepresentationsField extends FieldBase, ArgumentsOf {
  readonly kind: 'representations'
  /** By the name of the entity. */
  readonly selections: ReadonlyMap<string, EntitySelection>
}

export interface ServiceField extends FieldBase, ArgumentsOf {
  readonly kind: 'service'
  readonly service: RegistryService
  readonly selection: Selection<ServiceAnswerField>
}

/** Introspection and `_service`. */
export interface FallbackField extends FieldBase {
  readonly kind: 'fallback'
}

export type EntityField = TypenameField | KeyField | StoredField | OnDemandField | ReferenceField | FeatureInfoListField

export interface KeyField extends FieldBase {
  readonly kind: 'key'
  readonly index: number
}

export interface StoredField extends FieldBase {
  readonly kind: 'stored'
  readonly feature: StoredFeature
  /** Undefined where the feature is a leaf. */
  readonly vector: Selection<VectorField> | undefined
}

export interface OnDemandField extends FieldBase {
  readonly kind: 'onDemand'
  readonly feature: OnDemandFeature
  readonly vector: Selection<VectorField> | undefined
  readonly site: ArgumentSite
}

export interface ReferenceField extends FieldBase {
  readonly kind: 'reference'
  readonly reference: RegistryReference
  readonly selection: EntitySelection
  /** Place among the references of its selection. */
  readonly index: number
}

export interface FeatureInfoListField extends FieldBase {
  readonly kind: 'featureInfo'
  readonly site: ArgumentSite
  readonly selection: Selection<FeatureInfoMember>
}

export type FeatureInfoMember =
  | TypenameField
  | (FieldBase & { readonly kind: 'info'; readonly field: FeatureInfoField })

export type VectorField =
  | TypenameField
  | (FieldBase & { readonly kind: 'vector'; readonly field: 'dimensions' | 'values' | 'base64F32' })

export type ServiceAnswerField =
  | TypenameField
  | (FieldBase & { readonly kind: 'rowCount' })
  | (FieldBase & { readonly kind: 'role'; readonly roleIndex: number; readonly selection: RoleSelection })

export type RoleField = TypenameField | ColumnField

export interface ColumnField extends FieldBase {
  readonly kind: 'column'
  readonly feature: RegistryFeature
  readonly selection: Selection<ColumnMember>
}

export type ColumnMember = TypenameField | ColumnList

/** One of a column's two lists. */
export interface ColumnList extends FieldBase {
  readonly kind: 'values' | 'statuses'
  /** Of `values` where the feature is a vector. */
  readonly vector: Selection<VectorField> | undefined
}
