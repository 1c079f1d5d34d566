import { z } from 'zod'
import type { Definition } from '../definitions/definition.ts'
import { inspect } from '../lib/inspect.ts'
import type { Problem } from './problems.ts'

/*
 * The outer shape of definitions. Those made by the builders of definitions/ have it by their types; those made in plain
 * JavaScript may hold anything, and the checks after this one rely on it.
 */
const text = z.string()
const texts = z.array(text)
const aFunction = z.custom((value) => typeof value === 'function', 'Invalid input: expected function')

const feature = z.looseObject({
  kind: z.literal('feature'),
  dtype: z.looseObject({ kind: text }),
  description: text.optional(),
  nullable: z.boolean(),
  tags: texts.optional(),
  owner: text.optional(),
  deprecated: text.optional(),
  scopes: texts,
  column: text.optional(),
  nonFinite: z.enum(['null', 'string']),
})

const viewFeature = z.looseObject({
  kind: z.literal('viewFeature'),
  entity: text,
  view: text,
  name: text,
  definition: feature,
})

const common = {
  name: text,
  description: text.optional(),
  owner: text.optional(),
  tags: texts,
}

const heldBy = z.looseObject({ kind: z.literal('heldBy'), feature: text })

const entity = z.looseObject({
  ...common,
  kind: z.literal('entity'),
  plural: text.optional(),
  keys: z.record(text, feature),
  references: z.record(
    text,
    z.looseObject({
      kind: z.literal('reference'),
      target: aFunction,
      keys: z.record(text, z.union([text, heldBy], 'Invalid input: expected the name of a key, or heldBy()')),
      description: text.optional(),
    }),
  ),
})

const source = z.looseObject({
  kind: z.enum(['tableSource', 'staticTable']),
  from: z.record(text, z.unknown()),
  keys: z.record(text, text),
  eventTime: text.optional(),
  ingestTime: text.optional(),
  tieBreaker: text.optional(),
  deletedColumn: text.optional(),
})

const batchView = z.looseObject({
  ...common,
  kind: z.literal('batchView'),
  entity,
  source,
  schedule: z.looseObject({}).optional(),
  staleIfError: z.boolean().optional(),
  features: z.record(text, viewFeature),
})

const onDemandView = z.looseObject({
  ...common,
  kind: z.literal('onDemandView'),
  entity,
  inputs: z.record(text, viewFeature),
  args: z
    .custom((value) => value === undefined || isZodObject(value), 'Invalid input: expected z.object({ … }) of zod 4')
    .optional(),
  whenMissing: z.enum(['null', 'call']),
  compute: aFunction,
  features: z.record(text, viewFeature),
})

const featureService = z.looseObject({
  ...common,
  kind: z.literal('featureService'),
  roles: z.record(text, entity),
  features: z.record(text, z.array(viewFeature)),
})

const SHAPES = { entity, batchView, onDemandView, featureService }

function isZodObject(value: unknown): boolean {
  const type = (value as { readonly _zod?: { readonly def?: { readonly type?: unknown } } } | null)?._zod?.def?.type
  return type === 'object'
}

/** What keeps a definition from being looked at further; empty where its shape is right. */
export function shapeProblems(definition: Definition): readonly Problem[] {
  const { success, error } = SHAPES[definition.kind].safeParse(definition)
  if (success) return []
  return error.issues.map((issue) => ({
    seen: `${pathText(issue.path)} is ${inspect(valueAt(definition, issue.path))}`,
    why: `${issue.message}.`,
    mend: 'Make definitions by entity(), batchView(), onDemandView() and featureService(), whose types say what they take.',
  }))
}

function pathText(path: readonly PropertyKey[]): string {
  return path.map(String).join('.')
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((inner, step) => (inner as Readonly<Record<PropertyKey, unknown>> | undefined)?.[step], value)
}
