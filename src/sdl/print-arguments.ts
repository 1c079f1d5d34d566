import type { ArgumentType, Registry, RegistryArgument } from '../registry/registry.ts'
import { block, description } from './sdl-text.ts'

/** Arguments of a field, in parentheses; nothing where there are none. */
export function printArguments(args: readonly RegistryArgument[]): string
/** Arguments as fields of an input object, one a line. */
export function printArguments(args: readonly RegistryArgument[], as: 'fields'): readonly string[]
export function printArguments(args: readonly RegistryArgument[], as?: 'fields'): string | readonly string[] {
  const printed = args.map(printArgument)
  if (as === 'fields') return printed
  return printed.length === 0 ? '' : `(${printed.join(', ')})`
}

function printArgument(arg: RegistryArgument): string {
  const type = `${printType(arg.type)}${arg.required ? '!' : ''}`
  const otherwise = arg.default === undefined ? '' : ` = ${printValue(arg.type, arg.default)}`
  return `${description(arg.description)}${arg.name}: ${type}${otherwise}`
}

function printType(type: ArgumentType): string {
  switch (type.kind) {
    case 'enum':
    case 'object':
      return type.name
    case 'list':
      return `[${printType(type.of)}${type.elementRequired ? '!' : ''}]`
    default:
      return type.kind
  }
}

/** A default as a GraphQL literal of its type. */
function printValue(type: ArgumentType, value: unknown): string {
  if (value === null) return 'null'
  if (type.kind === 'enum') return String(value)
  if (type.kind === 'list')
    return `[${(value as readonly unknown[]).map((item) => printValue(type.of, item)).join(', ')}]`
  return type.kind === 'object'
    ? printObject(type.fields, value as Readonly<Record<string, unknown>>)
    : JSON.stringify(value)
}

function printObject(fields: readonly RegistryArgument[], value: Readonly<Record<string, unknown>>): string {
  const given = fields.filter(({ name }) => value[name] !== undefined)
  return `{${given.map(({ name, type }) => `${name}: ${printValue(type, value[name])}`).join(', ')}}`
}

/** The enums and input objects of on-demand arguments, each once, in the order in which they are met. */
export function printArgumentTypes(registry: Registry): readonly string[] {
  const types = new Map<string, string>()
  const visit = (type: ArgumentType): void => {
    if (type.kind === 'list') visit(type.of)
    if (type.kind === 'enum') types.set(type.name, block(`enum ${type.name}`, type.members))
    if (type.kind !== 'object') return
    types.set(type.name, block(`input ${type.name}`, printArguments(type.fields, 'fields')))
    for (const field of type.fields) visit(field.type)
  }
  for (const { args } of registry.entities.flatMap((entity) => entity.onDemandViews)) {
    for (const arg of args) visit(arg.type)
  }
  return [...types.values()]
}
