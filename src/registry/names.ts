import type { Dtype, ScalarDtype } from '../definitions/dtypes.ts'

/**
 * Every name that the schema has without a definition's saying so, in one list: those reserved for each schema and those
 * derived from definitions. The schema is printed under the names of this file.
 */
export interface DerivedName {
  /** Types are one name space, fields of Query another. */
  readonly space: 'type' | 'rootField'
  readonly name: string
  /** Completes "'AirportKey' is …": `the input object derived from entity 'Airport'`. */
  readonly is: string
}

/** What names are derived from. */
export interface NameSources {
  readonly prefix: string
  readonly entities: readonly { readonly name: string; readonly plural: string | undefined }[]
  readonly enums: readonly { readonly name: string }[]
  readonly services: readonly { readonly name: string; readonly roles: readonly string[] }[]
  /** Types of on-demand arguments, e.g. of `view 'distance'`. */
  readonly argumentTypes: readonly { readonly name: string; readonly of: string }[]
}

/** The list, reserved names first, then in the order of the sources. A name that occurs twice in one space is a clash. */
export function derivedNames(sources: NameSources): readonly DerivedName[] {
  const { prefix } = sources
  return [
    ...RESERVED,
    ...helperNames(prefix),
    ...sources.entities.flatMap((entity) => namesOfEntity(entity, prefix)),
    ...sources.enums.flatMap((enumeration) => namesOfEnum(enumeration.name, prefix)),
    ...sources.services.flatMap((service) => namesOfService(service, prefix)),
    ...sources.argumentTypes.map(({ name, of }) => typeName(name, `the type of an argument of ${of}`)),
  ]
}

/** One name a line, for people: `type AirportKey: the input object derived from entity 'Airport'`. */
export function printNames(names: readonly DerivedName[]): string {
  const lines = names.map(({ space, name, is }) => `${space === 'type' ? 'type' : 'Query field'} ${name}: ${is}`)
  return `${lines.join('\n')}\n`
}

function typeName(name: string, is: string): DerivedName {
  return { space: 'type', name, is }
}

function rootField(name: string, is: string): DerivedName {
  return { space: 'rootField', name, is }
}

const RESERVED: readonly DerivedName[] = [
  ...['Query', 'Mutation', 'Subscription'].map((name) => typeName(name, 'a root type of every schema')),
  ...['Int', 'Float', 'String', 'Boolean', 'ID'].map((name) => typeName(name, 'a scalar of GraphQL')),
  ...['Timestamp', 'Int64', 'JSON', 'Bytes', 'ExtendedFloat'].map((name) =>
    typeName(name, 'a scalar of every Fieldstone schema'),
  ),
  ...['_Any', '_Entity', '_Service', '_FieldSet', 'FieldSet'].map((name) =>
    typeName(name, 'a type of Apollo Federation'),
  ),
  ...['_entities', '_service'].map((name) => rootField(name, 'a field of Apollo Federation')),
]

/** Fields that every entity's type has besides keys, features and references. */
export const ENTITY_FIELDS: readonly string[] = ['featureInfo']

/** Fields that every service's answer has besides its roles. */
export const SERVICE_FIELDS: readonly string[] = ['rowCount']

export interface HelperTypeNames {
  readonly featureInfo: string
  readonly featureStatus: string
  readonly floatVector: string
}

/** Types that every schema has for its own use. */
export function helperTypeNames(prefix: string): HelperTypeNames {
  return {
    featureInfo: helperTypeName(prefix, 'FeatureInfo'),
    featureStatus: helperTypeName(prefix, 'FeatureStatus'),
    floatVector: helperTypeName(prefix, 'FloatVector'),
  }
}

const COLUMN_ELEMENTS = [
  ...['Int', 'Float', 'String', 'ID', 'Boolean', 'Int64', 'Timestamp', 'Bytes', 'JSON', 'ExtendedFloat'],
  ...['IntList', 'FloatList', 'StringList', 'IDList', 'BooleanList', 'Int64List', 'TimestampList', 'BytesList'],
  ...['JSONList', 'ExtendedFloatList', 'FloatVector'],
]

function helperNames(prefix: string): readonly DerivedName[] {
  return [
    ...Object.values(helperTypeNames(prefix)).map((name) => typeName(name, 'a type of every Fieldstone schema')),
    ...COLUMN_ELEMENTS.map((element) =>
      typeName(helperTypeName(prefix, `${element}Column`), `the column type of ${element}`),
    ),
  ]
}

export interface EntityTypeNames {
  readonly type: string
  /** The interface. */
  readonly features: string
  /** The input object of a key. */
  readonly key: string
  /** The enum of the names of its stored features. */
  readonly feature: string
  /** Kept for the type of its past values. */
  readonly past: string
}

export function entityTypeNames(entity: string, prefix: string): EntityTypeNames {
  return {
    type: entity,
    features: `${entity}Features`,
    key: helperTypeName(prefix, `${entity}Key`),
    feature: helperTypeName(prefix, `${entity}Feature`),
    past: `${entity}At`,
  }
}

export interface EntityFieldNames {
  readonly one: string
  readonly many: string
}

/** Root fields of an entity, e.g. `airport` and `airports`. */
export function entityFieldNames(entity: string, plural: string | undefined, prefix: string): EntityFieldNames {
  const one = uncapitalize(entity)
  return { one: rootFieldName(prefix, one), many: rootFieldName(prefix, plural ?? pluralOf(one)) }
}

function namesOfEntity(entity: NameSources['entities'][number], prefix: string): readonly DerivedName[] {
  const subject = `entity '${entity.name}'`
  const types = entityTypeNames(entity.name, prefix)
  const fields = entityFieldNames(entity.name, entity.plural, prefix)
  const plural = entity.plural === undefined ? 'plural derived from' : 'plural that is declared by'
  return [
    typeName(types.type, `the type of ${subject}`),
    typeName(types.features, `the interface derived from ${subject}`),
    typeName(types.key, `the input object derived from ${subject}`),
    typeName(types.feature, `the enum of features derived from ${subject}`),
    typeName(types.past, `kept for the past values of ${subject}`),
    rootField(fields.one, `the field derived from ${subject}`),
    rootField(fields.many, `the ${plural} ${subject}`),
  ]
}

function namesOfEnum(name: string, prefix: string): readonly DerivedName[] {
  return [
    typeName(name, `the type of enum '${name}'`),
    typeName(helperTypeName(prefix, `${name}Column`), `the column type derived from enum '${name}'`),
    typeName(helperTypeName(prefix, `${name}ListColumn`), `the list column type derived from enum '${name}'`),
  ]
}

export interface ServiceTypeNames {
  /** The input object of a row. */
  readonly row: string
  readonly columns: string
  /** One a role, in their order. */
  readonly roles: readonly string[]
}

export function serviceTypeNames(service: string, roles: readonly string[], prefix: string): ServiceTypeNames {
  const name = capitalize(service)
  return {
    row: helperTypeName(prefix, `${name}Row`),
    columns: helperTypeName(prefix, `${name}Columns`),
    roles: roles.map((role) => helperTypeName(prefix, `${name}${capitalize(role)}Columns`)),
  }
}

export function serviceFieldName(service: string, prefix: string): string {
  return rootFieldName(prefix, service)
}

function namesOfService(service: NameSources['services'][number], prefix: string): readonly DerivedName[] {
  const subject = `featureService '${service.name}'`
  const types = serviceTypeNames(service.name, service.roles, prefix)
  return [
    rootField(serviceFieldName(service.name, prefix), `the field of ${subject}`),
    typeName(types.row, `the row input derived from ${subject}`),
    typeName(types.columns, `the answer type derived from ${subject}`),
    ...types.roles.map((name, index) => typeName(name, `derived from role '${service.roles[index]}' of ${subject}`)),
  ]
}

/** The type of a service's columns of a dtype, e.g. `IntColumn`, `SeasonListColumn`. */
export function columnTypeName(dtype: Dtype, nonFinite: 'null' | 'string', prefix: string): string {
  return helperTypeName(prefix, `${columnElement(dtype, nonFinite)}Column`)
}

function columnElement(dtype: Dtype, nonFinite: 'null' | 'string'): string {
  if (dtype.kind === 'list') return `${scalarTypeName(dtype.of, nonFinite)}List`
  return dtype.kind === 'vector' ? 'FloatVector' : scalarTypeName(dtype, nonFinite)
}

/** The GraphQL scalar or enum of a scalar dtype. */
export function scalarTypeName(dtype: ScalarDtype, nonFinite: 'null' | 'string'): string {
  switch (dtype.kind) {
    case 'bool':
      return 'Boolean'
    case 'int32':
      return 'Int'
    case 'int64':
      return 'Int64'
    case 'float32':
    case 'float64':
      return nonFinite === 'string' ? 'ExtendedFloat' : 'Float'
    case 'string':
      return 'String'
    case 'uuid':
      return 'ID'
    case 'timestamp':
      return 'Timestamp'
    case 'bytes':
      return 'Bytes'
    case 'json':
      return 'JSON'
    case 'enum':
      return dtype.name
    default:
      return dtype satisfies never
  }
}

/** Begins the names of the types of a view's arguments: `AirportDistance`, with the prefix. */
export function argumentTypePrefix(entity: string, view: string, prefix: string): string {
  return helperTypeName(prefix, `${capitalize(entity)}${capitalize(view)}`)
}

/** A helper type's name under a prefix: `geo` makes `FeatureInfo` into `GeoFeatureInfo`. */
function helperTypeName(prefix: string, name: string): string {
  return prefix === '' ? name : `${capitalize(prefix)}${capitalize(name)}`
}

/** A root field's name under a prefix: `geo` makes `airport` into `geoAirport`, `geo_` into `geo_airport`. */
function rootFieldName(prefix: string, name: string): string {
  return prefix === '' || prefix.endsWith('_') ? `${prefix}${name}` : `${prefix}${capitalize(name)}`
}

export function capitalize(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

/** `Airport` to `airport`, `USState` to `usState`, `URL` to `url`. */
function uncapitalize(name: string): string {
  return name.replace(/^[A-Z]+(?![a-z])|^[A-Z]/, (capitals) => capitals.toLowerCase())
}

/** An English plural by rule; an entity with another one names it. */
function pluralOf(name: string): string {
  if (/[^aeiou]y$/i.test(name)) return `${name.slice(0, -1)}ies`
  return /(s|x|z|ch|sh)$/i.test(name) ? `${name}es` : `${name}s`
}
