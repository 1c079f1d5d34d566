import { entityTypeNames } from '../../src/registry/names.ts'
import type { RegistryEntity, RegistryFeature } from '../../src/registry/registry.ts'
import type { Draft } from './random-draft.ts'
import { leafType, literalOf, randomArguments, typeOfArgument } from './random-inputs.ts'

export interface EntityPlace {
  readonly entity: RegistryEntity
  /** How much deeper fragments and references may go. */
  readonly depth: number
}

const INFO_FIELDS = [
  'name',
  'status',
  'eventTime',
  'ingestTime',
  'ageSeconds',
  'view',
  'version',
  'stale',
  '__typename',
]
const VECTOR_FIELDS = ['dimensions', 'values', 'base64F32']

/** Fields of an entity and fragments on it, one after another. */
export function entitySelections(draft: Draft, place: EntityPlace): string {
  return draft.random.times(1, 5, () => entitySelection(draft, place)).join(' ')
}

function entitySelection(draft: Draft, place: EntityPlace): string {
  if (place.depth > 0 && draft.random.chance(0.25)) return entityFragment(draft, place)
  return entityField(draft, place)
}

/** Inline or named; on the type, its interface, the union of all entities, or (inline) on nothing. */
function entityFragment(draft: Draft, place: EntityPlace): string {
  const { random, fragments, spreadable } = draft
  const again = spreadable.filter(({ entity, depth }) => entity === place.entity && depth < place.depth)
  if (again.length > 0 && random.chance(0.4)) return `...${random.pick(again).name}${draft.directives()}`
  const depth = place.depth - 1
  const { on, inner } = fragmentBody(draft, { ...place, depth })
  if (random.chance(0.5)) return `...${on}${draft.directives()} { ${inner} }`
  const name = `F${fragments.length}`
  fragments.push(`fragment ${name} ${on === '' ? ` on ${place.entity.name}` : on} { ${inner} }`)
  spreadable.push({ name, entity: place.entity, depth })
  const spread = () => `...${name}${draft.directives()}`
  return random.chance(0.2) ? `${spread()} ${spread()}` : spread()
}

function fragmentBody(draft: Draft, place: EntityPlace): { readonly on: string; readonly inner: string } {
  const { random, registry } = draft
  const { type, features } = entityTypeNames(place.entity.name, registry.prefix)
  const inner = entitySelections(draft, place)
  if (random.chance(0.1)) return { on: ' on _Entity', inner: `... on ${random.pick([type, features])} { ${inner} }` }
  return { on: random.chance(0.2) ? '' : ` on ${random.pick([type, features])}`, inner }
}

function entityField(draft: Draft, place: EntityPlace): string {
  const { random, named, directives } = draft
  const { entity, depth } = place
  const stored = entity.features.filter(({ kind }) => kind === 'stored')
  const choice = random.int(12)
  if (choice === 0) return draft.typename()
  if (choice === 1) return `${named(random.pick(entity.keys).name).head}${directives()}`
  if (choice === 2 && stored.length > 0) return infoField(draft, stored)
  if (choice <= 5 && entity.references.length > 0 && depth > 0) {
    const { name, target } = random.pick(entity.references)
    return `${named(name).head}${directives()} { ${entitySelections(draft, { entity: target, depth: depth - 1 })} }`
  }
  return featureField(draft, random.pick(entity.features))
}

function featureField(draft: Draft, feature: RegistryFeature): string {
  const { head, responseKey } = draft.named(feature.name)
  const args = feature.kind === 'onDemand' ? draft.once(responseKey, () => argumentsText(draft, feature)) : ''
  return `${head}${args}${draft.directives()}${vectorSelection(draft, feature)}`
}

function argumentsText(draft: Draft, { view }: RegistryFeature & { readonly kind: 'onDemand' }): string {
  const values = randomArguments(draft.random, view.fieldArgs)
  const texts = view.fieldArgs
    .filter(({ name }) => name in values)
    .map((argument) => `${argument.name}: ${draft.given(values[argument.name], typeOfArgument(argument))}`)
  return texts.length === 0 ? '' : `(${texts.join(', ')})`
}

/** Only a vector has fields. */
export function vectorSelection(draft: Draft, { dtype }: RegistryFeature): string {
  const { random, named, lowDirectives } = draft
  if (dtype.kind !== 'vector') return ''
  const fields = random.times(1, 3, () => `${named(random.pick(VECTOR_FIELDS)).head}${lowDirectives()}`)
  if (random.chance(0.2)) fields.push(draft.typename())
  if (random.chance(0.08)) fields.push(`dimensions @skip(if: ${draft.refused(true, leafType('Boolean'))})`)
  return random.chance(0.1) ? ` { ... ${lowDirectives()} { ${fields.join(' ')} } }` : ` { ${fields.join(' ')} }`
}

function infoField(draft: Draft, stored: readonly RegistryFeature[]): string {
  const { random, named, directives } = draft
  const { head, responseKey } = named('featureInfo')
  const conditions = directives()
  const fields = random.times(1, 4, () => `${named(random.pick(INFO_FIELDS)).head}${draft.lowDirectives()}`)
  // Names of one entity alone are of its enum, so entities are told apart.
  const args = draft.once(`${responseKey} ${stored[0]!.entity.name}`, () => namesText(draft, stored))
  return `${head}${args}${conditions} { ${fields.join(' ')} }`
}

function namesText(draft: Draft, stored: readonly RegistryFeature[]): string {
  const { random, registry } = draft
  if (random.chance(0.4)) return ''
  const names = random.chance(0.1) ? null : random.times(0, 3, () => random.pick(stored).name)
  const member = {
    text: entityTypeNames(stored[0]!.entity.name, registry.prefix).feature,
    isEnum: true,
    required: true,
  }
  const type = { text: `[${member.text}!]`, required: false, element: member }
  return `(names: ${names === null ? literalOf(null, type) : draft.given(names, type)})`
}
