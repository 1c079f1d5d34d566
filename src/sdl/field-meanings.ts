import { columnTypeName, entityTypeNames, helperTypeNames, serviceTypeNames } from '../registry/names.ts'
import type { Registry, RegistryEntity, RegistryService } from '../registry/registry.ts'
import type { FeatureInfoField, FieldMeaning } from './field-meaning.ts'

const INFO_FIELDS: readonly FeatureInfoField[] = [
  'name',
  'status',
  'eventTime',
  'ingestTime',
  'ageSeconds',
  'view',
  'version',
  'stale',
]

/** What every field of a registry's schema means, by `Type.field`. */
export function fieldMeanings(registry: Registry): ReadonlyMap<string, FieldMeaning> {
  const { prefix, entities, services } = registry
  const { featureInfo, floatVector } = helperTypeNames(prefix)
  return new Map<string, FieldMeaning>([
    ['Query._entities', { kind: 'representations' }],
    ...entities.flatMap((entity) => meaningsOfEntity(entity, prefix)),
    ...services.flatMap((service) => meaningsOfService(service, prefix)),
    ...INFO_FIELDS.map((field): Meaning => [`${featureInfo}.${field}`, { kind: 'featureInfoField', field }]),
    ...(['dimensions', 'values', 'base64F32'] as const).map(
      (field): Meaning => [`${floatVector}.${field}`, { kind: 'vectorField', field }],
    ),
  ])
}

type Meaning = [name: string, meaning: FieldMeaning]

function meaningsOfEntity(entity: RegistryEntity, prefix: string): readonly Meaning[] {
  const { type, features } = entityTypeNames(entity.name, prefix)
  const fields: readonly Meaning[] = [
    ...entity.keys.map(({ name }, index): Meaning => [name, { kind: 'key', index }]),
    ...entity.features.map((feature): Meaning => [feature.name, { kind: 'feature', feature }]),
    ...entity.references.map((reference): Meaning => [reference.name, { kind: 'reference', reference }]),
    ['featureInfo', { kind: 'featureInfo', entity }],
  ]
  return [
    [`Query.${entity.fieldName}`, { kind: 'entityByKey', entity }],
    [`Query.${entity.pluralFieldName}`, { kind: 'entitiesByKeys', entity }],
    ...[type, features].flatMap((of) => fields.map(([name, meaning]): Meaning => [`${of}.${name}`, meaning])),
  ]
}

function meaningsOfService(service: RegistryService, prefix: string): readonly Meaning[] {
  const roleNames = service.roles.map(({ name }) => name)
  const { columns, roles } = serviceTypeNames(service.name, roleNames, prefix)
  return [
    [`Query.${service.fieldName}`, { kind: 'service', service }],
    [`${columns}.rowCount`, { kind: 'rowCount' }],
    ...service.roles.flatMap(({ name, features }, roleIndex): readonly Meaning[] => [
      [`${columns}.${name}`, { kind: 'role', roleIndex }],
      ...features.flatMap((feature): readonly Meaning[] => {
        const column = columnTypeName(feature.dtype, feature.nonFinite, prefix)
        return [
          [`${roles[roleIndex]}.${feature.name}`, { kind: 'column', feature }],
          [`${column}.values`, { kind: 'columnValues' }],
          [`${column}.statuses`, { kind: 'columnStatuses' }],
        ]
      }),
    ]),
  ]
}
