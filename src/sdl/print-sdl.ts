import { type DocumentNode, parse, print, visit } from 'graphql'
import type { Dtype } from '../definitions/dtypes.ts'
import {
  columnTypeName,
  entityTypeNames,
  helperTypeNames,
  scalarTypeName,
  serviceTypeNames,
} from '../registry/names.ts'
import type {
  Registry,
  RegistryEntity,
  RegistryFeature,
  RegistryKey,
  RegistryReference,
  RegistryService,
} from '../registry/registry.ts'
import { FEATURE_STATUS_DESCRIPTIONS } from './feature-statuses.ts'
import { printArguments, printArgumentTypes } from './print-arguments.ts'
import { SCALARS } from './scalars.ts'
import { block, description, quoted } from './sdl-text.ts'

const FEDERATION = 'https://specs.apollo.dev/federation/v2.9'

/** A registry's schema as text, the same for the same registry: what `schema.graphql` holds. */
export function printSdl(registry: Registry): string {
  const body = [
    printQuery(registry),
    ...registry.entities.flatMap((entity) => printEntity(entity, registry.prefix)),
    ...registry.services.flatMap((service) => printService(service, registry.prefix)),
    ...printColumnTypes(registry),
    ...printArgumentTypes(registry),
    ...registry.enums.map(({ name, members }) => block(`enum ${name}`, members)),
    ...printHelperTypes(registry),
  ]
  const link = `extend schema @link(url: "${FEDERATION}", import: ["@key"])`
  const text = [link, ...body].join('\n\n')
  return `${print(parse([text, ...printScalars(parse(text))].join('\n\n')))}\n`
}

function printQuery({ entities, services, prefix }: Registry): string {
  const ofEntities = entities.flatMap((entity) => {
    const { type, key } = entityTypeNames(entity.name, prefix)
    const args = entity.keys.map(({ name, graphqlType }) => `${name}: ${graphqlType}!`).join(', ')
    const one = `${quoted(`One ${entity.name}. Null only where it could not be read, with an error.`)} ${entity.fieldName}(${args}): ${type}`
    const many = `${quoted(`${entity.name} by many keys, in their order.`)} ${entity.pluralFieldName}(keys: [${key}!]!): [${type}]`
    return [one, many]
  })
  const ofServices = services.map((service) => {
    const { row, columns } = serviceNames(service, prefix)
    return `${description(service.description)}${service.fieldName}(rows: [${row}!]!): ${columns}`
  })
  return block('type Query', [...ofEntities, ...ofServices])
}

function serviceNames(service: RegistryService, prefix: string): ReturnType<typeof serviceTypeNames> {
  return serviceTypeNames(
    service.name,
    service.roles.map(({ name }) => name),
    prefix,
  )
}

function printEntity(entity: RegistryEntity, prefix: string): readonly string[] {
  const names = entityTypeNames(entity.name, prefix)
  const keys = entity.keys.map(({ name }) => name).join(' ')
  const stored = entity.features.filter((feature) => feature.kind === 'stored')
  const types = [
    `${quoted(`The features of ${entity.name}, at whatever instant.`)} ${block(`interface ${names.features}`, printFields(entity, prefix, 'features'))}`,
    `${description(entity.description)}${block(`type ${names.type} implements ${names.features} @key(fields: "${keys}")`, printFields(entity, prefix, 'type'))}`,
    `${quoted(`A key of ${entity.name}.`)} ${block(`input ${names.key}`, entity.keys.map(printKey))}`,
  ]
  if (stored.length === 0) return types
  const members = stored.map(({ name }) => name)
  return [...types, `${quoted(`The stored features of ${entity.name}.`)} ${block(`enum ${names.feature}`, members)}`]
}

/** An entity's fields; a reference has its target's interface as type in the interface, its target's type in the type. */
function printFields(entity: RegistryEntity, prefix: string, of: 'features' | 'type'): readonly string[] {
  const names = entityTypeNames(entity.name, prefix)
  const info = `${quoted('Status, times and origin of stored features; of all of them without names.')} featureInfo(names: [${names.feature}!]): [${helperTypeNames(prefix).featureInfo}!]`
  const hasStored = entity.features.some(({ kind }) => kind === 'stored')
  return [
    ...entity.keys.map(printKey),
    ...entity.features.map((feature) => printFeature(feature, prefix)),
    ...entity.references.map((reference) => printReference(reference, prefix, of)),
    ...(hasStored ? [info] : []),
  ]
}

function printKey({ name, graphqlType, description: text }: RegistryKey): string {
  return `${description(text)}${name}: ${graphqlType}!`
}

function printFeature(feature: RegistryFeature, prefix: string): string {
  const args = feature.kind === 'onDemand' ? printArguments(feature.view.fieldArgs) : ''
  return printFeatureField(feature, `${args}: ${typeOf(feature.dtype, feature.nonFinite, prefix)}`)
}

/** What a feature says of itself is said wherever it is a field: of entities and of services. */
function printFeatureField(feature: RegistryFeature, signature: string): string {
  const deprecated = feature.deprecated === undefined ? '' : ` @deprecated(reason: ${quoted(feature.deprecated)})`
  return `${description(feature.description)}${feature.name}${signature}${deprecated}`
}

function typeOf(dtype: Dtype, nonFinite: 'null' | 'string', prefix: string): string {
  if (dtype.kind === 'vector') return helperTypeNames(prefix).floatVector
  return dtype.kind === 'list' ? `[${scalarTypeName(dtype.of, nonFinite)}]` : scalarTypeName(dtype, nonFinite)
}

function printReference(reference: RegistryReference, prefix: string, of: 'features' | 'type'): string {
  const target = entityTypeNames(reference.target.name, prefix)[of]
  return `${description(reference.description)}${reference.name}: ${target}`
}

function printService(service: RegistryService, prefix: string): readonly string[] {
  const names = serviceNames(service, prefix)
  const keys = service.roles.map(({ name, entity }) => `${name}: ${entityTypeNames(entity.name, prefix).key}!`)
  const roles = service.roles.map(({ name }, index) => `${name}: ${names.roles[index]}`)
  return [
    `${quoted(`A row of ${service.name}: the key of each role, and arguments.`)} ${block(`input ${names.row}`, [...keys, ...printArguments(service.rowArgs, 'fields')])}`,
    `${quoted(`The answer of ${service.name} in columns: every list has one place a row.`)} ${block(`type ${names.columns}`, ['rowCount: Int!', ...roles])}`,
    ...service.roles.map(({ features }, index) =>
      block(
        `type ${names.roles[index]}`,
        features.map((feature) =>
          printFeatureField(feature, `: ${columnTypeName(feature.dtype, feature.nonFinite, prefix)}`),
        ),
      ),
    ),
  ]
}

/** One type for each kind of column that a service has. */
function printColumnTypes({ services, prefix }: Registry): readonly string[] {
  const { featureStatus } = helperTypeNames(prefix)
  const features = services.flatMap(({ roles }) => roles.flatMap((role) => role.features))
  const types = new Map(
    features.map(({ dtype, nonFinite }) => [
      columnTypeName(dtype, nonFinite, prefix),
      `values: [${typeOf(dtype, nonFinite, prefix)}]`,
    ]),
  )
  return [...types]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, values]) => block(`type ${name}`, [values, `statuses: [${featureStatus}]`]))
}

function printHelperTypes(registry: Registry): readonly string[] {
  const names = helperTypeNames(registry.prefix)
  const features = registry.entities.flatMap((entity) => entity.features)
  const hasVector = features.some(({ dtype }) => dtype.kind === 'vector')
  const hasStored = features.some(({ kind }) => kind === 'stored')
  const info = `${quoted('What is known of one stored feature of one entity.')} ${block(`type ${names.featureInfo}`, [
    'name: String!',
    `status: ${names.featureStatus}!`,
    `${quoted('The first instant at which the row could be used. Null for NOT_FOUND and for tables without time.')} eventTime: Timestamp`,
    `${quoted('When the row was stored. Null for NOT_FOUND.')} ingestTime: Timestamp`,
    `${quoted('From the event time to now.')} ageSeconds: Float`,
    'view: String!',
    'version: Int!',
    `${quoted('Whether this is an older copy, for the store could not be read.')} stale: Boolean!`,
  ])}`
  const statuses = block(
    `${quoted('Why a value is there or not, checked in this order: NOT_FOUND, OUTSIDE_MAX_AGE, INCOMPLETE, NULL_VALUE, PRESENT.')} enum ${names.featureStatus}`,
    Object.entries(FEATURE_STATUS_DESCRIPTIONS).map(([status, text]) => `${quoted(text)} ${status}`),
  )
  const vector = `${quoted('A fixed number of float32.')} ${block(`type ${names.floatVector}`, [
    'dimensions: Int!',
    'values: [Float!]!',
    `${quoted('Little-endian float32 in base64.')} base64F32: String!`,
  ])}`
  const hasStatus = hasStored || registry.services.length > 0
  return [...(hasStored ? [info] : []), ...(hasStatus ? [statuses] : []), ...(hasVector ? [vector] : [])]
}

/** The scalars that a document names as types. */
function printScalars(document: DocumentNode): readonly string[] {
  const names = new Set<string>()
  visit(document, { NamedType: ({ name }) => void names.add(name.value) })
  return Object.values(SCALARS)
    .filter(({ name }) => names.has(name))
    .map(
      ({ name, description: about, specifiedByURL }) =>
        `${description(about ?? undefined)}scalar ${name} @specifiedBy(url: "${specifiedByURL}")`,
    )
}
