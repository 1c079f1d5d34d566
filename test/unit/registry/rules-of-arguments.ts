import { z } from 'zod'
import { int32 } from '../../../src/definitions/feature.ts'
import { airport, distance, js, type Rule } from './closing.ts'

const feature = (name: string, view: string, entityName = 'Airport') =>
  js({ kind: 'viewFeature', entity: entityName, view, name, definition: int32() })
const onDemand = (
  name: string,
  inputs: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
) => js({ ...distance({ inputs, ...more }), name, features: { [name]: feature(name, name) } })

/** Which zod schemas become GraphQL arguments. */
export const rulesOfArguments: readonly Rule[] = [
  {
    rule: 'arguments are of the subset that GraphQL can say',
    definitions: () => [
      airport,
      distance({
        args: z.object({
          a: z.union([z.string(), z.number()]),
          b: z.date(),
          c: z.string().transform(Number),
          d: z.record(z.string(), z.int()),
          e: z.string().nullable(),
          f: z.array(z.bigint()),
          g: z.object({ inner: z.literal('x') }),
          h: z.coerce.number(),
          i: z.any().optional(),
        }),
      }),
    ],
    errors: [
      `DEFINITION_INVALID  onDemandView 'distance': args.a is z.union(): Arguments become GraphQL inputs, which say string, number, int, boolean, enum, array, object, optional and default. Use one of these, with checks (min, max, email, refine, …) where it is not narrow enough.`,
      `DEFINITION_INVALID  onDemandView 'distance': args.b is z.date(): Arguments become GraphQL inputs, which say string, number, int, boolean, enum, array, object, optional and default. Use one of these, with checks (min, max, email, refine, …) where it is not narrow enough.`,
      `DEFINITION_INVALID  onDemandView 'distance': args.c is z.pipe(): Arguments become GraphQL inputs, which say string, number, int, boolean, enum, array, object, optional and default. Use one of these, with checks (min, max, email, refine, …) where it is not narrow enough.`,
      `DEFINITION_INVALID  onDemandView 'distance': args.d is z.record(): Arguments become GraphQL inputs, which say string, number, int, boolean, enum, array, object, optional and default. Use one of these, with checks (min, max, email, refine, …) where it is not narrow enough.`,
      `DEFINITION_INVALID  onDemandView 'distance': args.e is z.nullable(): Arguments become GraphQL inputs, which say string, number, int, boolean, enum, array, object, optional and default. Use one of these, with checks (min, max, email, refine, …) where it is not narrow enough.`,
      `DEFINITION_INVALID  onDemandView 'distance': args.f[] is z.bigint(): Arguments become GraphQL inputs, which say string, number, int, boolean, enum, array, object, optional and default. Use one of these, with checks (min, max, email, refine, …) where it is not narrow enough.`,
      `DEFINITION_INVALID  onDemandView 'distance': args.g.inner is z.literal(): Arguments become GraphQL inputs, which say string, number, int, boolean, enum, array, object, optional and default. Use one of these, with checks (min, max, email, refine, …) where it is not narrow enough.`,
      `DEFINITION_INVALID  onDemandView 'distance': args.h is z.coerce.number(): Arguments become GraphQL inputs, which say string, number, int, boolean, enum, array, object, optional and default. Use one of these, with checks (min, max, email, refine, …) where it is not narrow enough.`,
      `DEFINITION_INVALID  onDemandView 'distance': args.i is z.any(): Arguments become GraphQL inputs, which say string, number, int, boolean, enum, array, object, optional and default. Use one of these, with checks (min, max, email, refine, …) where it is not narrow enough.`,
    ],
  },
  {
    rule: 'arguments hold no empty object, no object that holds itself, no enum of numbers or of nothing',
    definitions: () => {
      const node: z.ZodType = z.object({
        get next() {
          return node.optional()
        },
      })
      return [airport, distance({ args: z.object({ a: z.object({}), node, b: z.enum({ A: 1 }), c: z.enum([]) }) })]
    },
    errors: [
      `DEFINITION_INVALID  onDemandView 'distance': args.a is an object without fields: Arguments become GraphQL inputs, which say string, number, int, boolean, enum, array, object, optional and default. Use one of these, with checks (min, max, email, refine, …) where it is not narrow enough.`,
      `DEFINITION_INVALID  onDemandView 'distance': args.node.next is an object that holds itself: Arguments become GraphQL inputs, which say string, number, int, boolean, enum, array, object, optional and default. Use one of these, with checks (min, max, email, refine, …) where it is not narrow enough.`,
      `DEFINITION_INVALID  onDemandView 'distance': args.b is an enum of numbers: Arguments become GraphQL inputs, which say string, number, int, boolean, enum, array, object, optional and default. Use one of these, with checks (min, max, email, refine, …) where it is not narrow enough.`,
      `DEFINITION_INVALID  onDemandView 'distance': args.c is an enum without members: Arguments become GraphQL inputs, which say string, number, int, boolean, enum, array, object, optional and default. Use one of these, with checks (min, max, email, refine, …) where it is not narrow enough.`,
    ],
  },
  {
    rule: 'a default of an argument fits it',
    definitions: () => [
      airport,
      distance({
        args: z.object({
          a: z.int().default(2 ** 40),
          b: z.array(z.int()).default([2 ** 31]),
          c: z.string().min(3).default('x'),
          d: z.object({ e: z.int() }).default({ e: 2 ** 31 }),
          f: z
            .string()
            .refine(async () => true)
            .default('x'),
        }),
      }),
    ],
    errors: [
      `DEFINITION_INVALID  onDemandView 'distance': the default of args.a is 1099511627776: A GraphQL Int has 32 bits. Give a default that the schema itself accepts.`,
      `DEFINITION_INVALID  onDemandView 'distance': the default of args.b is [2147483648]: A GraphQL Int has 32 bits. Give a default that the schema itself accepts.`,
      `DEFINITION_INVALID  onDemandView 'distance': the default of args.c is "x": Too small: expected string to have >=3 characters. Give a default that the schema itself accepts.`,
      `DEFINITION_INVALID  onDemandView 'distance': the default of args.d is { e: 2147483648 }: A GraphQL Int has 32 bits. Give a default that the schema itself accepts.`,
      `DEFINITION_INVALID  onDemandView 'distance': the default of args.f is "x": The schema threw when it was tried, as one with an asynchronous check does. Give a default that the schema itself accepts.`,
    ],
  },
  {
    rule: 'an argument of a view and of its inputs is one',
    definitions: () => [
      airport,
      onDemand('a', {}, { args: z.object({ at: z.string() }) }),
      onDemand('b', { x: feature('a', 'a') }, { args: z.object({ at: z.number() }) }),
    ],
    errors: [
      `DEFINITION_NAME_TAKEN  onDemandView 'b': argument 'at' is Float! in view 'b' and String! in view 'a': Arguments of one name become one argument, so their types and defaults must be equal. Rename one of the two, or give both one type; an enum or object is shared by .meta({ id }).`,
    ],
  },
  {
    rule: 'a type of arguments has one meaning',
    definitions: () => [
      airport,
      onDemand('a', {}, { args: z.object({ at: z.enum(['X']).meta({ id: 'Place' }) }) }),
      onDemand(
        'b',
        {},
        { args: z.object({ to: z.enum(['Y']).meta({ id: 'Place' }), in: z.enum(['Y']).meta({ id: 'my place' }) }) },
      ),
    ],
    errors: [
      `DEFINITION_NAME_ILLEGAL  onDemandView 'b': id of args.in "my place": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "myPlace", say.`,
      `DEFINITION_NAME_TAKEN  'Place' is a type of arguments of view 'a' and another of view 'b': Every name of the schema means one thing. Give one of the two schemas another .meta({ id }), or use one schema in both.`,
    ],
  },
  {
    rule: 'a zod schema that throws is told',
    definitions: () => [
      airport,
      distance({
        args: z.object({
          get a(): z.ZodString {
            throw new Error('not yet')
          },
        }),
      }),
    ],
    errors: [
      `DEFINITION_INVALID  onDemandView 'distance': args threw not yet: The zod schema could not be read. Make it by z.object({ … }) of zod 4.`,
    ],
  },
]
