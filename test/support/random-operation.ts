import { entityTypeNames, serviceTypeNames } from '../../src/registry/names.ts'
import type {
  Registry,
  RegistryArgument,
  RegistryEntity,
  RegistryFeature,
  RegistryService,
} from '../../src/registry/registry.ts'
import type { FieldMeaning } from '../../src/sdl/field-meaning.ts'
import type { Random } from './random.ts'
import type { KeyPool } from './random-data.ts'

/** An operation with its variables; `met` names what it holds, for the counts of the property test. */
export interface RandomOperation {
  readonly text: string
  readonly operationName: string | undefined
  readonly variables: Record<string, unknown>
  readonly met: readonly string[]
}

export interface OperationWorld {
  readonly registry: Registry
  readonly meanings: ReadonlyMap<string, FieldMeaning>
  readonly pool: KeyPool
}

/**
 * An operation over a registry's schema. One response key always stands for one field with one list of arguments, so that fields of one
 * key may be selected in several places and merge.
 */
export function randomOperation(random: Random, world: OperationWorld): RandomOperation {
  return createOperation(random, world).build()
}

interface Variable {
  readonly type: string
  readonly otherwise: string | undefined
  readonly value: unknown
  readonly isGiven: boolean
}

function createOperation(random: Random, { registry, pool }: OperationWorld) {
  const { prefix } = registry
  const variables = new Map<string, Variable>()
  const fragments: string[] = []
  const arguments_ = new Map<string, string>()
  const met: string[] = []

  function variable(
    type: string,
    value: unknown,
    options: { readonly otherwise?: string; readonly mayMiss?: boolean } = {},
  ): string {
    const name = `v${variables.size}`
    const isGiven = !(options.mayMiss === true && random.chance(0.2))
    variables.set(name, { type, otherwise: options.otherwise, value, isGiven })
    return `$${name}`
  }

  // Conditions

  function directives(): string {
    if (random.chance(0.8)) return ''
    const skips = random.chance(0.5)
    const condition = random.chance(0.3) ? String(random.chance(0.5)) : booleanVariable(skips)
    return ` @${skips ? 'skip' : 'include'}(if: ${condition})`
  }

  function booleanVariable(skips: boolean): string {
    return random.chance(0.5)
      ? variable('Boolean!', random.chance(0.5))
      : variable('Boolean', random.chance(0.5), { otherwise: 'true', mayMiss: true })
  }

  // Values

  /** A literal, or a variable that holds the value. */
  function given(type: string, value: unknown, literal = JSON.stringify(value)): string {
    return random.chance(0.5) ? literal : variable(type, value)
  }

  function keyOf(entity: RegistryEntity): readonly unknown[] {
    if (random.chance(0.05))
      return entity.keys.map(({ dtype }) => (dtype.kind === 'string' ? 'y'.repeat(1_100) : 'no key'))
    return random.pick(pool.get(entity.name)!)
  }

  /** A key column as the client writes it. */
  function keyValue(value: unknown, graphqlType: string): unknown {
    const text = String(value)
    if (graphqlType === 'Int64' && !/^-?\d+$/.test(text)) return '12345'
    return graphqlType === 'ID' && /^\d{1,9}$/.test(text) && random.chance(0.5) ? Number(text) : text
  }

  function keyObject(entity: RegistryEntity): Record<string, unknown> {
    const key = keyOf(entity)
    return Object.fromEntries(
      entity.keys.map(({ name, graphqlType }, index) => [name, keyValue(key[index], graphqlType)]),
    )
  }

  function literal(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
    if (typeof value !== 'object' || value === null) return JSON.stringify(value)
    return `{${Object.entries(value)
      .map(([name, item]) => `${name}: ${literal(item)}`)
      .join(', ')}}`
  }

  /** Arguments of an on-demand field: one text for each response key. */
  function argumentValues(args: readonly RegistryArgument[]): Record<string, unknown> {
    const chosen = args.filter(({ required }) => required || random.chance(0.6))
    return Object.fromEntries(chosen.map((arg) => [arg.name, argumentValue(arg)]))
  }

  function argumentValue({ name, required }: RegistryArgument): unknown {
    if (!required && random.chance(0.1) && name !== 'scale') return undefined
    switch (name) {
      case 'scale':
        return random.pick([0, 1.5, -5, -11])
      case 'n':
        return random.int(10)
      case 'tags':
        return random.times(0, 2, () => random.pick(['a', 'ü', '']))
      default:
        return random.chance(0.5)
    }
  }

  function argumentText(responseKey: string, args: readonly RegistryArgument[]): string {
    const known = arguments_.get(responseKey)
    if (known !== undefined) return known
    const types: Readonly<Record<string, string>> = { scale: 'Float', n: 'Int', tags: '[String!]', flag: 'Boolean!' }
    const values = Object.entries(argumentValues(args)).filter(([, value]) => value !== undefined)
    const texts = values.map(([name, value]) => `${name}: ${given(types[name]!, value, literal(value))}`)
    const text = texts.length === 0 ? '' : `(${texts.join(', ')})`
    arguments_.set(responseKey, text)
    return text
  }

  // Selections

  /** `name` or `alias: name`, and the response key that it gives. */
  function named(field: string): { readonly head: string; readonly responseKey: string } {
    if (random.chance(0.7)) return { head: field, responseKey: field }
    const alias = `${random.pick(['a', 'b'])}_${field}`
    return { head: `${alias}: ${field}`, responseKey: alias }
  }

  function typename(): string {
    return `${random.chance(0.3) ? 'kind_: ' : ''}__typename${directives()}`
  }

  interface EntityPlace {
    readonly entity: RegistryEntity
    /** How much deeper references may go. */
    readonly depth: number
  }

  function entitySelections(place: EntityPlace): readonly string[] {
    return random.times(1, 5, () => entitySelection(place))
  }

  function entitySelection(place: EntityPlace): string {
    if (place.depth > 0 && random.chance(0.25)) return entityFragment(place)
    return entityField(place)
  }

  /** Inline or named, on the type, its interface, or (inline) on nothing. */
  function entityFragment(place: EntityPlace): string {
    const { type, features } = entityTypeNames(place.entity.name, prefix)
    const inner = entitySelections({ ...place, depth: place.depth - 1 }).join(' ')
    const on = random.pick([type, features])
    if (random.chance(0.5)) return `...${random.chance(0.3) ? '' : ` on ${on}`}${directives()} { ${inner} }`
    const name = `F${fragments.length}`
    fragments.push(`fragment ${name} on ${on} { ${inner} }`)
    const spread = `...${name}${directives()}`
    return random.chance(0.2) ? `${spread} ${spread}` : spread
  }

  function entityField(place: EntityPlace): string {
    const { entity, depth } = place
    const stored = entity.features.filter(({ kind }) => kind === 'stored')
    const choice = random.int(12)
    if (choice === 0) return typename()
    if (choice === 1) return `${named(random.pick(entity.keys).name).head}${directives()}`
    if (choice === 2 && stored.length > 0) return infoField(stored)
    if (choice <= 5 && entity.references.length > 0 && depth > 0) {
      const { name, target } = random.pick(entity.references)
      return `${named(name).head}${directives()} { ${entitySelections({ entity: target, depth: depth - 1 }).join(' ')} }`
    }
    return featureField(random.pick(entity.features))
  }

  function featureField(feature: RegistryFeature): string {
    const { head, responseKey } = named(feature.name)
    const args = feature.kind === 'onDemand' ? argumentText(responseKey, feature.view.fieldArgs) : ''
    return `${head}${args}${directives()}${vectorSelection(feature)}`
  }

  function vectorSelection({ dtype }: RegistryFeature): string {
    if (dtype.kind !== 'vector') return ''
    const fields = random.times(
      1,
      3,
      () => `${named(random.pick(['dimensions', 'values', 'base64F32'])).head}${directives()}`,
    )
    return ` { ${fields.join(' ')} ${random.chance(0.2) ? typename() : ''} }`
  }

  function infoField(stored: readonly RegistryFeature[]): string {
    const { head, responseKey } = named('featureInfo')
    const fields = random.times(
      1,
      4,
      () =>
        named(random.pick(['name', 'status', 'eventTime', 'ingestTime', 'ageSeconds', 'view', 'version', '__typename']))
          .head,
    )
    return `${head}${infoArguments(responseKey, stored)}${directives()} { ${fields.join(' ')} }`
  }

  function infoArguments(responseKey: string, stored: readonly RegistryFeature[]): string {
    // Names of one entity alone are of its enum, so the key must tell entities apart.
    const key = `${responseKey} ${stored[0]!.entity.name}`
    const known = arguments_.get(key)
    if (known !== undefined) return known
    const text = random.chance(0.4) ? '' : `(names: [${random.times(0, 3, () => random.pick(stored).name).join(', ')}])`
    arguments_.set(key, text)
    return text
  }

  // Root fields

  function rootField(index: number): string {
    const choice = random.int(20)
    if (choice === 0) return typename()
    if (choice === 1)
      return random.pick([
        '__schema { queryType { name } }',
        '__type(name: "Query") { kind name }',
        '_service { __typename }',
      ])
    if (choice <= 4) return representationsField(index)
    if (choice <= 7 && registry.services.length > 0) return serviceField(random.pick(registry.services), index)
    const entity = random.pick(registry.entities)
    return random.chance(0.5) ? oneField(entity, index) : manyField(entity, index)
  }

  function oneField(entity: RegistryEntity, index: number): string {
    const key = keyObject(entity)
    const args = entity.keys.map(({ name, graphqlType }) => `${name}: ${given(`${graphqlType}!`, key[name])}`)
    return `q${index}: ${entity.fieldName}(${args.join(', ')})${directives()} { ${entitySelections({ entity, depth: 3 }).join(' ')} }`
  }

  function manyField(entity: RegistryEntity, index: number): string {
    const keys = random.times(0, 5, () => keyObject(entity))
    const type = `[${entityTypeNames(entity.name, prefix).key}!]!`
    const argument = given(type, keys, literal(keys))
    return `q${index}: ${entity.pluralFieldName}(keys: ${argument})${directives()} { ${entitySelections({ entity, depth: 3 }).join(' ')} }`
  }

  function representationsField(index: number): string {
    const entities = random.times(1, 4, () => random.pick(registry.entities))
    const representations = entities.map(representationOf)
    const selections = random.times(1, 4, () => {
      if (random.chance(0.15)) return typename()
      const entity = random.pick(registry.entities)
      const { type, features } = entityTypeNames(entity.name, prefix)
      return `... on ${random.pick([type, features])}${directives()} { ${entitySelections({ entity, depth: 2 }).join(' ')} }`
    })
    const argument = given('[_Any!]!', representations, literal(representations))
    return `q${index}: _entities(representations: ${argument})${directives()} { ${selections.join(' ')} }`
  }

  function representationOf(entity: RegistryEntity): unknown {
    const broken = random.int(30)
    if (broken === 0) return { __typename: 'Nothing', id: 1 }
    if (broken === 1) return { __typename: entity.name }
    if (broken === 2) return random.pick(['text', 7, true])
    return { __typename: entity.name, ...keyObject(entity), ...(random.chance(0.2) ? { more: 'ü' } : {}) }
  }

  function serviceField(service: RegistryService, index: number): string {
    const { row } = serviceTypeNames(
      service.name,
      service.roles.map(({ name }) => name),
      prefix,
    )
    const rows = random.times(0, 5, () => ({
      ...Object.fromEntries(service.roles.map(({ name, entity }) => [name, keyObject(entity)])),
      ...argumentValues(service.rowArgs),
    }))
    const plain = JSON.parse(JSON.stringify(rows)) as unknown
    const selections = random.times(1, 4, () => {
      if (random.chance(0.2)) return random.pick([named('rowCount').head, typename()])
      const role = random.pick(service.roles)
      return `${named(role.name).head}${directives()} { ${random.times(1, 4, () => columnField(random.pick(role.features))).join(' ')} }`
    })
    return `q${index}: ${service.fieldName}(rows: ${given(`[${row}!]!`, plain, literal(plain))})${directives()} { ${selections.join(' ')} }`
  }

  function columnField(feature: RegistryFeature): string {
    if (random.chance(0.05)) return typename()
    const lists = random.times(1, 3, () => {
      if (random.chance(0.1)) return typename()
      return random.chance(0.6)
        ? `${named('values').head}${directives()}${vectorSelection(feature)}`
        : `${named('statuses').head}${directives()}`
    })
    return `${named(feature.name).head}${directives()} { ${lists.join(' ')} }`
  }

  function build(): RandomOperation {
    const body = random.times(1, 4, rootField).join(' ')
    const declared = [...variables].map(
      ([name, { type, otherwise }]) => `$${name}: ${type}${otherwise === undefined ? '' : ` = ${otherwise}`}`,
    )
    const head = declared.length === 0 ? '' : `(${declared.join(', ')})`
    const isNamed = random.chance(0.5)
    const other = isNamed && random.chance(0.2) ? ' query Other { __typename }' : ''
    const values = [...variables]
      .filter(([, { isGiven }]) => isGiven)
      .map(([name, { value }]) => [name, value] as const)
    return {
      text: `query ${isNamed ? 'Main' : ''}${head} { ${body} }${other} ${fragments.join(' ')}`,
      operationName: other === '' ? undefined : 'Main',
      variables: random.chance(0.03) ? spoiled(values) : Object.fromEntries(values),
      met,
    }
  }

  /** Values that variables refuse. */
  function spoiled(values: readonly (readonly [string, unknown])[]): Record<string, unknown> {
    return Object.fromEntries(values.map(([name, value]) => [name, random.chance(0.5) ? { not: ['so'] } : value]))
  }

  return { build }
}
