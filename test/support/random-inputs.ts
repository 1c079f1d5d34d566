import { argumentTypeText } from '../../src/registry/arguments.ts'
import { entityTypeNames } from '../../src/registry/names.ts'
import type { ArgumentType, RegistryArgument, RegistryEntity } from '../../src/registry/registry.ts'
import type { Random } from './random.ts'

/** What a GraphQL input takes: enough of its type to write literals and to declare variables. */
export interface InputType {
  /** Without a `!` at its end. */
  readonly text: string
  readonly required: boolean
  readonly element?: InputType
  readonly fields?: Readonly<Record<string, InputType>>
  readonly isEnum?: boolean
}

export function leafType(text: string, required = true): InputType {
  return { text, required }
}

export function listType(element: InputType, required = true): InputType {
  return { text: `[${element.text}${element.required ? '!' : ''}]`, required, element }
}

export function keyType({ name, keys }: RegistryEntity, prefix: string): InputType {
  const fields = Object.fromEntries(keys.map((key) => [key.name, leafType(key.graphqlType)]))
  return { text: entityTypeNames(name, prefix).key, required: true, fields }
}

export function typeOfArgument({ type, required }: RegistryArgument): InputType {
  return { ...typeOf(type), required }
}

function typeOf(type: ArgumentType): InputType {
  const plain = leafType(argumentTypeText(type), false)
  switch (type.kind) {
    case 'list':
      return { ...plain, element: { ...typeOf(type.of), required: type.elementRequired } }
    case 'object':
      return { ...plain, fields: fieldTypes(type.fields) }
    case 'enum':
      return { ...plain, isEnum: true }
    default:
      return plain
  }
}

export function fieldTypes(args: readonly RegistryArgument[]): Readonly<Record<string, InputType>> {
  return Object.fromEntries(args.map((argument) => [argument.name, typeOfArgument(argument)]))
}

/** Values of arguments by name: some are left out, some are null, and some their zod schema refuses. */
export function randomArguments(random: Random, args: readonly RegistryArgument[]): Record<string, unknown> {
  const chosen = args.filter(({ required }) => required || random.chance(0.6))
  return Object.fromEntries(chosen.map((argument) => [argument.name, randomArgument(random, argument)]))
}

function randomArgument(random: Random, { type, required }: RegistryArgument): unknown {
  return !required && random.chance(0.05) ? null : randomOfType(random, type)
}

function randomOfType(random: Random, type: ArgumentType): unknown {
  switch (type.kind) {
    case 'String':
      return random.pick(['a', 'ü', '', '"quoted"'])
    case 'Float':
      return random.pick([0, 1.5, -5, -11, 1e21])
    case 'Int':
      return random.int(10)
    case 'Boolean':
      return random.chance(0.5)
    case 'enum':
      return random.pick(type.members)
    case 'list':
      return random.times(0, 3, () =>
        !type.elementRequired && random.chance(0.2) ? null : randomOfType(random, type.of),
      )
    case 'object':
      return randomArguments(random, type.fields)
    default:
      return type satisfies never
  }
}

/** A value as GraphQL writes it. `inner` may put something else, such as a variable, in the place of a part. */
export function literalOf(
  value: unknown,
  type: InputType | undefined,
  inner: (value: unknown, type: InputType | undefined) => string | undefined = () => undefined,
): string {
  const partOf = (part: unknown, partType: InputType | undefined): string =>
    inner(part, partType) ?? literalOf(part, partType, inner)
  if (Array.isArray(value)) return `[${value.map((item) => partOf(item, type?.element)).join(', ')}]`
  if (type?.isEnum === true && typeof value === 'string') return value
  // Digits of any length are a literal of Int64.
  if (type?.text === 'Int64' && /^-?[1-9]\d{16,}$/.test(String(value))) return String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(([name, part]) => `${name}: ${partOf(part, type?.fields?.[name])}`)
  return `{${entries.join(', ')}}`
}
