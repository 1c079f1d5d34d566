import type { Dtype, KeyDtype } from './dtypes.ts'
import type { FeatureDefinition, ValueOf } from './feature.ts'
import { deepFreeze } from './freeze.ts'
import type { DefinitionTypeError } from './type-error.ts'

/** Join keys by name, in the order of the composite key. */
export type KeyColumns = Readonly<Record<string, FeatureDefinition<Dtype, any, boolean>>>

/** A feature of the entity itself that holds a key column of the target; see `heldBy`. */
export interface HeldBy {
  readonly kind: 'heldBy'
  readonly feature: string
}

/** A reference from one entity to another. `keys` maps each key of the target to a key of this entity or a stored feature. */
export interface ReferenceDefinition<Target extends AnyEntity = AnyEntity, OwnKey extends string = string> {
  readonly kind: 'reference'
  readonly target: () => Target
  readonly keys: Readonly<Record<string, OwnKey | HeldBy>>
  readonly description: string | undefined
}

/** A thing that features describe, found by its join keys (SPEC K1). */
export interface EntityDefinition<Name extends string = string, Keys extends KeyColumns = KeyColumns> {
  readonly kind: 'entity'
  readonly name: Name
  /** The name of the GraphQL field that takes many keys; default: an English plural of the name. */
  readonly plural: string | undefined
  readonly keys: Keys
  readonly references: Readonly<Record<string, ReferenceDefinition>>
  readonly description: string | undefined
  readonly owner: string | undefined
  readonly tags: readonly string[]
}

export type AnyEntity = EntityDefinition<string, any>

/** The key of an entity as JavaScript values: `KeyOf<typeof route>` is `{ origin: string; destination: string }`. */
export type KeyOf<E extends AnyEntity> = { readonly [K in keyof E['keys']]: ValueOf<E['keys'][K]> }

type CheckedKeys<Keys extends KeyColumns> = {
  readonly [K in keyof Keys]: Keys[K]['dtype'] extends KeyDtype
    ? Keys[K]
    : DefinitionTypeError<`a key is string(), int64() or uuid(); '${K & string}' is ${Keys[K]['dtype']['kind']}()`>
}

type CheckedReferences<OwnKey extends string, References> = {
  readonly [R in keyof References]: References[R] extends ReferenceDefinition<AnyEntity, infer Used>
    ? [Used] extends [OwnKey]
      ? References[R]
      : DefinitionTypeError<`'${Exclude<Used, OwnKey>}' is not a key of this entity; a stored feature is named by heldBy('…')`>
    : DefinitionTypeError<'a reference is made by ref(target, { targetKey: ownKey })'>
}

/**
 * Declares an entity.
 * @param name a legal GraphQL type name, e.g. `Airport`; root fields are `airport` and its plural
 * @example entity('Route', { keys: { origin: string(), destination: string() }, references: { originAirport: ref(airport, { iata: 'origin' }) } })
 */
export function entity<
  const Name extends string,
  const Keys extends KeyColumns,
  const References extends Readonly<Record<string, unknown>> = Readonly<Record<never, never>>,
>(
  name: Name,
  options: {
    readonly keys: Keys & CheckedKeys<Keys>
    readonly references?: References & CheckedReferences<keyof Keys & string, References>
    readonly plural?: string
    readonly description?: string
    readonly owner?: string
    readonly tags?: readonly string[]
  },
): EntityDefinition<Name, Keys> {
  return deepFreeze({
    kind: 'entity',
    name,
    plural: options.plural,
    keys: options.keys,
    references: (options.references ?? {}) as Readonly<Record<string, ReferenceDefinition>>,
    description: options.description,
    owner: options.owner,
    tags: options.tags ?? [],
  })
}

/**
 * Refers to `target` (a function where the two refer to each other) by all of its keys.
 * @param keys for each key of the target the name of a key of this entity, or `heldBy('feature')`
 */
export function ref<
  Target extends AnyEntity,
  const Keys extends { readonly [K in keyof Target['keys']]: string | HeldBy },
>(
  target: Target | (() => Target),
  keys: Keys,
  options: { readonly description?: string } = {},
): ReferenceDefinition<Target, Extract<Keys[keyof Keys], string>> {
  return Object.freeze({
    kind: 'reference',
    target: typeof target === 'function' ? target : () => target,
    keys: deepFreeze(keys) as Readonly<Record<string, Extract<Keys[keyof Keys], string> | HeldBy>>,
    description: options.description,
  })
}

/** Names a stored feature of the referring entity whose value is a key of the target; where it is null, so is the reference. */
export function heldBy(feature: string): HeldBy {
  return Object.freeze({ kind: 'heldBy', feature })
}
