import type { ZodObject, ZodType } from 'zod'
import { inspect } from '../lib/inspect.ts'
import { checkMemberName, checkName, checkTypeName } from './check-names.ts'
import { capitalize } from './names.ts'
import type { Problems } from './problems.ts'
import type { ArgumentType, RegistryArgument } from './registry.ts'
import { stableJson } from './stable-json.ts'

/** Where a schema stands, for messages and for the names of the types made of it. */
interface Place {
  /** `args.points.latitude` */
  readonly path: string
  /** `AirportDistancePointsLatitude`; an enum or object adds its kind. */
  readonly typeName: string
  /** The object schemas around it. */
  readonly within: readonly ZodType[]
  readonly problems: Problems
}

/**
 * The GraphQL arguments of a view's zod object, from the subset that GraphQL can say: string, number, int, boolean, enum,
 * array, object, optional, default. Checks (min, email, refine, …) stay zod's. Anything else is reported under its path.
 * An enum or object is named by its `.meta({ id })`, else by the view and its path.
 */
export function argumentsOf(
  schema: ZodObject,
  { typeNamePrefix, problems }: { readonly typeNamePrefix: string; readonly problems: Problems },
): readonly RegistryArgument[] {
  return fieldsOf(schema, { path: 'args', typeName: typeNamePrefix, within: [], problems })
}

function fieldsOf(schema: ZodType, place: Place): readonly RegistryArgument[] {
  const within = [...place.within, schema]
  return Object.entries(shapeOf(schema)).flatMap(([name, field]) => {
    const inner = {
      ...place,
      path: `${place.path}.${name}`,
      typeName: `${place.typeName}${capitalize(name)}`,
      within,
    }
    const argument = checkName(place.problems, `argument ${place.path}`, name)
      ? argumentOf(name, field, inner)
      : undefined
    return argument === undefined ? [] : [argument]
  })
}

function shapeOf(schema: ZodType): Readonly<Record<string, ZodType>> {
  return definitionOf(schema).shape!
}

function argumentOf(name: string, schema: ZodType, place: Place): RegistryArgument | undefined {
  const { inner, isOptional, fallback, description } = unwrap(schema)
  const type = typeOf(inner, place)
  if (type === undefined) return undefined
  if (fallback !== undefined && !checkDefault(inner, { type, fallback }, place)) return undefined
  return { name, type, required: !isOptional, default: fallback, description }
}

interface Unwrapped {
  readonly inner: ZodType
  /** Optional, or with a default. */
  readonly isOptional: boolean
  readonly fallback: unknown
  readonly description: string | undefined
}

/** What is inside `optional` and `default`; the outermost default and description hold. */
function unwrap(schema: ZodType): Unwrapped {
  const definition = definitionOf(schema)
  const { description } = schema
  if (definition.type !== 'optional' && definition.type !== 'default') {
    return { inner: schema, isOptional: false, fallback: undefined, description }
  }
  const inside = unwrap(definition.innerType!)
  return {
    inner: inside.inner,
    isOptional: true,
    fallback: definition.type === 'default' ? definition.defaultValue : inside.fallback,
    description: description ?? inside.description,
  }
}

/** The parts of zod's own definitions that are looked at. */
interface ZodDefinition {
  readonly type: string
  readonly innerType?: ZodType
  readonly defaultValue?: unknown
  readonly element?: ZodType
  readonly shape?: Readonly<Record<string, ZodType>>
  readonly entries?: Readonly<Record<string, unknown>>
  readonly coerce?: boolean
}

function definitionOf(schema: ZodType): ZodDefinition {
  return schema._zod.def as ZodDefinition
}

function typeOf(schema: ZodType, place: Place): ArgumentType | undefined {
  const definition = definitionOf(schema)
  if (definition.coerce === true) return unsupported(place, `z.coerce.${definition.type}()`)
  switch (definition.type) {
    case 'string':
      return { kind: 'String' }
    case 'number':
      return { kind: (schema as ZodType & { readonly isInt: boolean }).isInt ? 'Int' : 'Float' }
    case 'boolean':
      return { kind: 'Boolean' }
    case 'enum':
      return enumOf(schema, place)
    case 'array':
      return listOf(definition.element!, place)
    case 'object':
      return objectOf(schema, place)
    default:
      return unsupported(place, `z.${definition.type}()`)
  }
}

function unsupported({ problems, path }: Place, seen: string): undefined {
  problems.add('DEFINITION_INVALID', {
    seen: `${path} is ${seen}`,
    why: 'Arguments become GraphQL inputs, which say string, number, int, boolean, enum, array, object, optional and default.',
    mend: 'Use one of these, with checks (min, max, email, refine, …) where it is not narrow enough.',
  })
}

function listOf(element: ZodType, place: Place): ArgumentType | undefined {
  const { inner, isOptional } = unwrap(element)
  const of = typeOf(inner, { ...place, path: `${place.path}[]` })
  return of === undefined ? undefined : { kind: 'list', of, elementRequired: !isOptional }
}

function enumOf(schema: ZodType, place: Place): ArgumentType | undefined {
  const members = [...new Set(Object.values(definitionOf(schema).entries!))]
  if (members.length === 0) return unsupported(place, 'an enum without members')
  if (!members.every((member) => typeof member === 'string')) return unsupported(place, 'an enum of numbers')
  const name = typeNameOf(schema, 'Enum', place)
  const what = `member of the enum at ${place.path}`
  const legal = members.map((member) => checkMemberName(place.problems, what, member))
  return name !== undefined && legal.every(Boolean) ? { kind: 'enum', name, members } : undefined
}

function objectOf(schema: ZodType, place: Place): ArgumentType | undefined {
  if (place.within.includes(schema)) return unsupported(place, 'an object that holds itself')
  if (Object.keys(shapeOf(schema)).length === 0) return unsupported(place, 'an object without fields')
  const name = typeNameOf(schema, 'Input', place)
  const fields = fieldsOf(schema, place)
  return name === undefined ? undefined : { kind: 'object', name, fields }
}

/** The schema's own id, or a name derived from names that are checked where they stand. */
function typeNameOf(schema: ZodType, suffix: 'Enum' | 'Input', place: Place): string | undefined {
  const id = schema.meta()?.id
  if (typeof id !== 'string') return `${place.typeName}${suffix}`
  return checkTypeName(place.problems, `id of ${place.path}`, id) ? id : undefined
}

function checkDefault(
  schema: ZodType,
  { type, fallback }: { readonly type: ArgumentType; readonly fallback: unknown },
  { problems, path }: Place,
): boolean {
  const why = whyNoDefault(schema, type, fallback)
  if (why === undefined) return true
  problems.add('DEFINITION_INVALID', {
    seen: `the default of ${path} is ${inspect(fallback)}`,
    why,
    mend: 'Give a default that the schema itself accepts.',
  })
  return false
}

function whyNoDefault(schema: ZodType, type: ArgumentType, fallback: unknown): string | undefined {
  if (!hasSmallInts(type, fallback)) return 'A GraphQL Int has 32 bits.'
  try {
    const { error } = schema.safeParse(fallback)
    return error === undefined ? undefined : `${error.issues[0]!.message}.`
  } catch {
    return 'The schema threw when it was tried, as one with an asynchronous check does.'
  }
}

/** Whether every integer in a value fits GraphQL's Int. */
function hasSmallInts(type: ArgumentType, value: unknown): boolean {
  if (type.kind === 'Int') return typeof value !== 'number' || (value | 0) === value
  if (type.kind === 'list') return !Array.isArray(value) || value.every((element) => hasSmallInts(type.of, element))
  if (type.kind !== 'object' || typeof value !== 'object' || value === null) return true
  return type.fields.every((field) => hasSmallInts(field.type, Reflect.get(value, field.name)))
}

/** `[Float!]`, without the `!` of the argument itself. */
export function argumentTypeText(type: ArgumentType): string {
  switch (type.kind) {
    case 'list':
      return `[${argumentTypeText(type.of)}${type.elementRequired ? '!' : ''}]`
    case 'enum':
    case 'object':
      return type.name
    case 'String':
    case 'Float':
    case 'Int':
    case 'Boolean':
      return type.kind
    default:
      return type satisfies never
  }
}

/** `[Float!]! = [1]`: what has to agree where one name stands for two arguments. */
export function argumentText(argument: RegistryArgument): string {
  return `${argumentTypeText(argument.type)}${requiredness(argument)}`
}

function requiredness({ required, default: fallback }: RegistryArgument): string {
  return `${required ? '!' : ''}${fallback === undefined ? '' : ` = ${stableJson(fallback)}`}`
}

/** As `argumentText`, with what enums and objects hold in the place of their names: `enum(KM, MI) = "KM"`. */
export function spelledOutArgument(argument: RegistryArgument): string {
  return `${spelledOutType(argument.type)}${requiredness(argument)}`
}

function spelledOutType(type: ArgumentType): string {
  if (type.kind === 'enum') return `enum(${type.members.join(', ')})`
  if (type.kind === 'list') return `[${spelledOutType(type.of)}${type.elementRequired ? '!' : ''}]`
  if (type.kind !== 'object') return type.kind
  return `{ ${type.fields.map((field) => `${field.name}: ${spelledOutArgument(field)}`).join(', ')} }`
}

/** The enums and objects that arguments are made of, inner ones too, each as often as it occurs. */
export function namedTypesOf(args: readonly RegistryArgument[]): readonly (ArgumentType & { readonly name: string })[] {
  return args.flatMap(({ type }) => namedTypes(type))
}

function namedTypes(type: ArgumentType): readonly (ArgumentType & { readonly name: string })[] {
  if (type.kind === 'list') return namedTypes(type.of)
  if (type.kind === 'object') return [type, ...namedTypesOf(type.fields)]
  return type.kind === 'enum' ? [type] : []
}
