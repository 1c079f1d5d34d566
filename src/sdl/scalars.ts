import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql'
import { inspect } from '../lib/inspect.ts'
import { formatTimestamp, parseTimestamp } from '../lib/micros.ts'

/** Scalars that a schema may use, by name; each is specified by a public document. */
export const SCALARS: Readonly<Record<string, GraphQLScalarType>> = {
  Timestamp: scalar({
    name: 'Timestamp',
    description: 'An instant in UTC: RFC 3339 with 0, 3 or 6 fractional digits and `Z`.',
    specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
    parse: (value) => {
      const micros = typeof value === 'string' ? parseTimestamp(value) : undefined
      return micros === undefined ? undefined : formatTimestamp(micros)
    },
  }),
  Int64: scalar({
    name: 'Int64',
    description: 'A whole number of 64 bits, a string on the wire. As input a string or an integer.',
    specifiedByURL: 'https://protobuf.dev/programming-guides/json/',
    parse: parseInt64,
  }),
  JSON: scalar({
    name: 'JSON',
    description: 'Any JSON value.',
    specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
    parse: (value) => value,
  }),
  Bytes: scalar({
    name: 'Bytes',
    description: 'Bytes in base64.',
    specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc4648#section-4',
    parse: (value) => (typeof value === 'string' && BASE64.test(value) ? value : undefined),
  }),
  ExtendedFloat: scalar({
    name: 'ExtendedFloat',
    description: 'A double: a number, or one of the strings "NaN", "Infinity" and "-Infinity".',
    specifiedByURL: 'https://protobuf.dev/programming-guides/json/',
    parse: (value) => (typeof value === 'number' || NON_FINITE.has(value) ? value : undefined),
  }),
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const NON_FINITE: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity'])

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
  /** The one form of a JSON value; undefined where it is none of the scalar's. */
  readonly parse: (value: unknown) => unknown
}

function scalar({ parse, ...config }: ScalarShape): GraphQLScalarType {
  const parseValue = (value: unknown): unknown => {
    const parsed = parse(value)
    if (parsed === undefined) throw new GraphQLError(`${config.name} cannot represent ${inspect(value)}`)
    return parsed
  }
  return new GraphQLScalarType({
    ...config,
    // What is served is text already; resolvers of other schemas give JSON values.
    serialize: parseValue,
    parseValue,
    parseLiteral: (node, variables) => parseValue(literalValue(node, variables ?? {})),
  })
}

/** A literal as JSON. Integers past a double's range stay text, so that no digit is lost. */
function literalValue(node: ValueNode, variables: Readonly<Record<string, unknown>>): unknown {
  switch (node.kind) {
    case Kind.INT:
      return Number.isSafeInteger(Number(node.value)) ? Number(node.value) : node.value
    case Kind.FLOAT:
      return Number(node.value)
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return node.value
    case Kind.NULL:
      return null
    case Kind.LIST:
      return node.values.map((item) => literalValue(item, variables))
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, literalValue(value, variables)]))
    case Kind.VARIABLE:
      return variables[node.name.value]
    default:
      return node satisfies never
  }
}
