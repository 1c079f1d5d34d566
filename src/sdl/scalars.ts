import { GraphQLError, GraphQLScalarType, Kind, print, type ValueNode } from 'graphql'
import { inspect } from '../lib/inspect.ts'
import { formatTimestamp, parseTimestamp } from '../lib/micros.ts'

/** Scalars that a schema may use, by name; each is specified by a public document. */
export const SCALARS: Readonly<Record<string, GraphQLScalarType>> = {
  Timestamp: scalar({
    name: 'Timestamp',
    description: 'An instant in UTC: RFC 3339 with 0, 3 or 6 fractional digits and `Z`.',
    specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
    literals: [Kind.STRING],
    parse: (value) => {
      const micros = typeof value === 'string' ? parseTimestamp(value) : undefined
      return micros === undefined ? undefined : formatTimestamp(micros)
    },
  }),
  Int64: scalar({
    name: 'Int64',
    description: 'A whole number of 64 bits, a string on the wire. As input a string or an integer.',
    specifiedByURL: 'https://protobuf.dev/programming-guides/json/',
    literals: [Kind.STRING, Kind.INT],
    // As text, so that no digit is lost.
    integer: (digits) => digits,
    parse: parseInt64,
  }),
  JSON: scalar({
    name: 'JSON',
    description: 'Any JSON value.',
    specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
    literals: Object.values(Kind),
    parse: (value) => value,
  }),
  Bytes: scalar({
    name: 'Bytes',
    description: 'Bytes in base64.',
    specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc4648#section-4',
    literals: [Kind.STRING],
    parse: (value) => (typeof value === 'string' && isBase64(value) ? value : undefined),
  }),
  ExtendedFloat: scalar({
    name: 'ExtendedFloat',
    description: 'A double: a number, or one of the strings "NaN", "Infinity" and "-Infinity".',
    specifiedByURL: 'https://protobuf.dev/programming-guides/json/',
    literals: [Kind.STRING, Kind.INT, Kind.FLOAT],
    parse: (value) => (Number.isFinite(value) || NON_FINITE.has(value) ? value : undefined),
  }),
}

const NON_FINITE: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity'])

/** Padded, of the one alphabet, and without bits that no byte holds: one text for the same bytes. */
function isBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text
}

function parseInt64(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined
  if (typeof value !== 'string' || !/^-?\d{1,19}$/.test(value)) return undefined
  const integer = BigInt(value)
  return BigInt.asIntN(64, integer) === integer ? String(integer) : undefined
}

interface ScalarShape {
  readonly name: string
  readonly description: string
  readonly specifiedByURL: string
  /** The literals that may stand for it: not an enum's name for a string, nor `7.0` for a whole number. */
  readonly literals: readonly Kind[]
  /** What an integer literal is. Default: a number. */
  readonly integer?: (digits: string) => unknown
  /** The one form of a JSON value; undefined where it is none of the scalar's. */
  readonly parse: (value: unknown) => unknown
}

function scalar({ parse, literals, integer = Number, ...config }: ScalarShape): GraphQLScalarType {
  const refusal = (seen: string): GraphQLError => new GraphQLError(`${config.name} cannot represent ${seen}`)
  const parseValue = (value: unknown): unknown => {
    const parsed = parse(value)
    if (parsed === undefined) throw refusal(inspect(value))
    return parsed
  }
  return new GraphQLScalarType({
    ...config,
    // What is served is text already; resolvers of other schemas give JSON values.
    serialize: parseValue,
    parseValue,
    parseLiteral: (node, variables) => {
      if (!literals.includes(node.kind)) throw refusal(print(node))
      return parseValue(literalValue(node, { integer, variables: variables ?? {} }))
    },
  })
}

interface LiteralContext {
  readonly integer: (digits: string) => unknown
  readonly variables: Readonly<Record<string, unknown>>
}

function literalValue(node: ValueNode, context: LiteralContext): unknown {
  switch (node.kind) {
    case Kind.INT:
      return context.integer(node.value)
    case Kind.FLOAT:
      return Number(node.value)
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return node.value
    case Kind.NULL:
      return null
    case Kind.LIST:
      return node.values.map((item) => literalValue(item, context))
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, literalValue(value, context)]))
    case Kind.VARIABLE:
      return context.variables[node.name.value]
    default:
      return node satisfies never
  }
}
