import { entityTypeNames, serviceTypeNames } from '../../src/registry/names.ts'
import type { RegistryEntity, RegistryFeature, RegistryService } from '../../src/registry/registry.ts'
import type { Draft } from './random-draft.ts'
import { fieldTypes, keyType, leafType, listType, randomArguments } from './random-inputs.ts'
import { entitySelections, vectorSelection } from './random-selections.ts'

/** A root field that may be selected several times: one head, and another selection each time. */
export interface RootField {
  readonly head: string
  readonly selections: () => string
}

export interface RootOptions {
  readonly alias: string
  /** Whether it is the only one: then it may make the whole answer null. */
  readonly isAlone: boolean
}

export function randomRoot(draft: Draft, options: RootOptions): RootField {
  const { random, registry } = draft
  const choice = random.int(options.isAlone ? 10 : 20)
  if (choice === 0) return { head: '__typename', selections: () => '' }
  if (choice <= 2) return introspection(draft, options)
  if (choice <= 5) return representationsField(draft, options)
  if (choice <= 8 && registry.services.length > 0) return serviceField(draft, random.pick(registry.services), options)
  const entity = random.pick(registry.entities)
  return random.chance(0.5) ? oneField(draft, entity, options) : manyField(draft, entity, options)
}

function introspection(draft: Draft, { alias, isAlone }: RootOptions): RootField {
  const { random } = draft
  // `__schema` and `_service` are non-null: only alone may a condition below them be refused.
  const directives = isAlone ? draft.directives : () => ''
  switch (random.int(4)) {
    case 0:
      return { head: `${alias}: __schema`, selections: () => `{ queryType${directives()} { name __typename } }` }
    case 1:
      return { head: `${alias}: __schema`, selections: () => '{ types { name kind fields { name args { name } } } }' }
    case 2:
      return {
        head: `${alias}: _service`,
        selections: () => `{ ${random.pick(['sdl', '__typename'])}${directives()} }`,
      }
    default: {
      const name = random.pick(['Query', 'Thing0', 'Nothing'])
      const type = random.chance(0.2) ? draft.refused(name, leafType('String')) : draft.given(name, leafType('String'))
      const field = () => random.pick(['name', 'description', '__typename'])
      return {
        head: `${alias}: __type(name: ${type})`,
        selections: () => `{ kind${draft.lowDirectives()} ${field()} }`,
      }
    }
  }
}

function oneField(draft: Draft, entity: RegistryEntity, { alias }: RootOptions): RootField {
  const key = draft.key(entity)
  const args = entity.keys.map(({ name, graphqlType }) => `${name}: ${draft.given(key[name], leafType(graphqlType))}`)
  return {
    head: `${alias}: ${entity.fieldName}(${args.join(', ')})`,
    selections: () => `{ ${entitySelections(draft, { entity, depth: 3 })} }`,
  }
}

function manyField(draft: Draft, entity: RegistryEntity, { alias }: RootOptions): RootField {
  const few = draft.random.times(0, 5, () => draft.key(entity))
  // Now and then so many that the answer outgrows its first buffer.
  const keys = draft.random.chance(0.03) ? Array.from({ length: 80 }, () => few).flat() : few
  const argument = draft.given(keys, listType(keyType(entity, draft.registry.prefix)))
  return {
    head: `${alias}: ${entity.pluralFieldName}(keys: ${argument})`,
    selections: () => `{ ${entitySelections(draft, { entity, depth: 3 })} }`,
  }
}

function representationsField(draft: Draft, { alias, isAlone }: RootOptions): RootField {
  const { random, registry } = draft
  const representations = random.times(1, 4, () => representationOf(draft, random.pick(registry.entities)))
  const type = listType(leafType('_Any'))
  const argument =
    isAlone && random.chance(0.4)
      ? draft.refused(representations, type)
      : draft.given(representations, random.chance(0.7) ? type : undefined, { isSafe: !isAlone })
  return {
    head: `${alias}: _entities(representations: ${argument})`,
    selections: () => `{ ${random.times(1, 4, () => representedSelection(draft)).join(' ')} }`,
  }
}

function representedSelection(draft: Draft): string {
  const { random, registry, fragments, directives } = draft
  if (random.chance(0.15)) return draft.typename()
  const entity = random.pick(registry.entities)
  const { type, features } = entityTypeNames(entity.name, registry.prefix)
  const fragment = `... on ${random.pick([type, features])}${directives()} { ${entitySelections(draft, { entity, depth: 2 })} }`
  if (random.chance(0.6)) return fragment
  if (random.chance(0.5))
    return `...${random.pick(['', ' on _Entity'])}${directives()} { ${fragment} ${draft.typename()} }`
  const name = `F${fragments.length}`
  fragments.push(`fragment ${name} on _Entity { ${draft.typename()} ${fragment} }`)
  return `...${name}${directives()}`
}

function representationOf({ random, key }: Draft, entity: RegistryEntity): unknown {
  const broken = random.int(30)
  if (broken === 0) return { __typename: 'Nothing', id: 1 }
  if (broken === 1) return { __typename: entity.name }
  if (broken === 2) return random.pick<unknown>(['text', 7, true, [entity.name], { __typename: 7 }, {}])
  if (broken === 3) return { __typename: entity.name, ...key(entity), [entity.keys.at(-1)!.name]: null }
  return { __typename: entity.name, ...key(entity), ...(random.chance(0.2) ? { more: 'ü' } : {}) }
}

function serviceField(draft: Draft, service: RegistryService, { alias }: RootOptions): RootField {
  const { random, registry } = draft
  const roleNames = service.roles.map(({ name }) => name)
  const row = {
    text: serviceTypeNames(service.name, roleNames, registry.prefix).row,
    required: true,
    fields: {
      ...Object.fromEntries(service.roles.map(({ name, entity }) => [name, keyType(entity, registry.prefix)])),
      ...fieldTypes(service.rowArgs),
    },
  }
  const rows = random.times(0, 5, () => ({
    ...Object.fromEntries(service.roles.map(({ name, entity }) => [name, draft.key(entity)])),
    ...randomArguments(random, service.rowArgs),
  }))
  return {
    head: `${alias}: ${service.fieldName}(rows: ${draft.given(rows, listType(row))})`,
    selections: () => `{ ${random.times(1, 4, () => serviceSelection(draft, service)).join(' ')} }`,
  }
}

function serviceSelection(draft: Draft, service: RegistryService): string {
  const { random, named, directives } = draft
  if (random.chance(0.2)) return random.pick([named('rowCount').head, draft.typename()])
  const role = random.pick(service.roles)
  const vectors = role.features.filter(({ dtype }) => dtype.kind === 'vector')
  const features = vectors.length > 0 && random.chance(0.3) ? vectors : role.features
  const columns = random.times(1, 4, () => columnField(draft, random.pick(features))).join(' ')
  const field = `${named(role.name).head}${directives()} { ${columns} }`
  return random.chance(0.15) ? `... ${directives()} { ${field} }` : field
}

function columnField(draft: Draft, feature: RegistryFeature): string {
  const { random, named, directives, lowDirectives } = draft
  if (random.chance(0.05)) return draft.typename()
  const lists = random.times(1, 3, () => {
    if (random.chance(0.1)) return draft.typename()
    return random.chance(0.6)
      ? `${named('values').head}${lowDirectives()}${vectorSelection(draft, feature)}`
      : `${named('statuses').head}${lowDirectives()}`
  })
  return `${named(feature.name).head}${directives()} { ${lists.join(' ')} }`
}
