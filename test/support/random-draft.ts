import type { Registry, RegistryEntity } from '../../src/registry/registry.ts'
import type { Random } from './random.ts'
import type { KeyPool } from './random-data.ts'
import { type InputType, leafType, literalOf } from './random-inputs.ts'

/** What the parts of one operation share while it is drafted. */
export interface Draft {
  readonly random: Random
  readonly registry: Registry
  /** Declarations of variables: `$v0: Int! = 1`. */
  readonly declarations: readonly string[]
  /** Values that the request gives. */
  readonly variables: Readonly<Record<string, unknown>>
  /** Definitions of fragments. */
  readonly fragments: string[]
  /** Fragments that may be spread again, on their entity and at least as high above the leaves. */
  readonly spreadable: { readonly name: string; readonly entity: RegistryEntity; readonly depth: number }[]
  /** A value as a literal with variables in it, or as a variable. `isSafe`: never one that GraphQL refuses. */
  given(value: unknown, type: InputType | undefined, options?: { readonly isSafe?: boolean }): string
  /** A variable that may be null by its declaration and not by its place, and is. */
  refused(value: unknown, type: InputType): string
  /** `@skip` or `@include`, both, or nothing. */
  directives(): string
  /** The same for fields just above the leaves, where more conditions are refused: little of the answer is lost by them. */
  lowDirectives(): string
  /** `name` or `alias: name`, and the response key that it gives. */
  named(field: string): { readonly head: string; readonly responseKey: string }
  typename(): string
  /** What `make` gives the first time: a response key has one list of arguments wherever it stands, so that fields merge. */
  once(name: string, make: () => string): string
  /** A key of the pool by its columns as a client writes them, now and then one that is refused. */
  key(entity: RegistryEntity): Readonly<Record<string, unknown>>
}

export function createDraft(random: Random, { registry, pool }: { registry: Registry; pool: KeyPool }): Draft {
  const declarations: string[] = []
  const variables: Record<string, unknown> = {}
  const texts = new Map<string, string>()

  function declare(type: string, value: { readonly isGiven: boolean; readonly value: unknown }): string {
    const name = `v${declarations.length}`
    declarations.push(`$${name}: ${type}`)
    if (value.isGiven) variables[name] = value.value
    return `$${name}`
  }

  /** A variable may be nullable where a value is needed, if it has a default; null is refused then, when it comes to it. */
  function variable(value: unknown, type: InputType, isSafe: boolean): string {
    const otherwise = `${type.text} = ${literalOf(value, type)}`
    if (type.required) {
      if (isSafe || random.chance(0.7)) return declare(`${type.text}!`, { isGiven: true, value })
      return declare(otherwise, { isGiven: random.chance(0.8), value: random.chance(0.15) ? null : value })
    }
    const declared = value !== null && random.chance(0.3) ? otherwise : type.text
    return declare(declared, { isGiven: random.chance(0.8), value: random.chance(0.1) ? null : value })
  }

  function given(value: unknown, type: InputType | undefined, { isSafe = false } = {}): string {
    const inner = (part: unknown, partType: InputType | undefined): string | undefined => {
      if (random.chance(0.85)) return undefined
      const known = partType ?? untypedType(part)
      return known === undefined ? undefined : variable(part, known, isSafe)
    }
    return type !== undefined && random.chance(0.5) ? variable(value, type, isSafe) : literalOf(value, type, inner)
  }

  function refused(value: unknown, type: InputType): string {
    return declare(`${type.text} = ${literalOf(value, type)}`, { isGiven: true, value: null })
  }

  function directives(nullChance = 0.04): string {
    if (random.chance(0.8)) return ''
    const names = random.chance(0.1) ? ['skip', 'include'] : [random.pick(['skip', 'include'])]
    return names.map((name) => ` @${name}(if: ${condition(nullChance)})`).join('')
  }

  function condition(nullChance: number): string {
    const value = random.chance(0.5)
    if (random.chance(0.3)) return String(value)
    if (random.chance(0.5)) return declare('Boolean!', { isGiven: true, value })
    return declare(`Boolean = ${random.chance(0.5)}`, {
      isGiven: random.chance(0.8),
      value: random.chance(nullChance) ? null : value,
    })
  }

  function named(field: string): { readonly head: string; readonly responseKey: string } {
    if (random.chance(0.7)) return { head: field, responseKey: field }
    const alias = `${random.pick(['a', 'b'])}_${field}`
    return { head: `${alias}: ${field}`, responseKey: alias }
  }

  function once(name: string, make: () => string): string {
    const text = texts.get(name) ?? make()
    texts.set(name, text)
    return text
  }

  function key({ name, keys }: RegistryEntity): Readonly<Record<string, unknown>> {
    const isRefused = random.chance(0.05)
    const values = random.pick(pool.get(name)!)
    return Object.fromEntries(
      keys.map(({ name: column, graphqlType }, index) => [
        column,
        isRefused ? refusedKey(random, graphqlType) : writtenKey(random, values[index]!, graphqlType),
      ]),
    )
  }

  return {
    ...{ random, registry, declarations, variables, fragments: [], spreadable: [] },
    ...{ given, refused, named, once, key },
    directives: () => directives(),
    lowDirectives: () => directives(0.2),
    typename: () => `${random.chance(0.3) ? 'kind_: ' : ''}__typename${directives()}`,
  }
}

/** Below `_Any` nothing says what a variable has to be. */
function untypedType(value: unknown): InputType | undefined {
  return typeof value === 'string' ? leafType('String') : undefined
}

/** One value has many forms: an int64 as number or digits, a uuid in any case. */
function writtenKey(random: Random, value: string | bigint, graphqlType: string): unknown {
  const text = String(value)
  if (typeof value !== 'bigint') return random.chance(0.2) && isUuid(text) ? text.toUpperCase() : text
  const isSmall = BigInt.asIntN(31, value) === value
  if (isSmall && graphqlType !== 'String' && random.chance(0.4)) return Number(text)
  return random.chance(0.1) && value >= 0n && text.length < 5 ? `00${text}` : text
}

function isUuid(text: string): boolean {
  return /^[0-9a-f-]{36}$/.test(text)
}

function refusedKey(random: Random, graphqlType: string): unknown {
  return graphqlType === 'Int64' ? '12345' : random.pick(['y'.repeat(1_100), '99999999999999999999'])
}
