import { z } from 'zod'
import { batchView } from '../../src/definitions/batch-view.ts'
import type { Definition } from '../../src/definitions/definition.ts'
import type { Dtype } from '../../src/definitions/dtypes.ts'
import { type AnyEntity, entity, heldBy, ref } from '../../src/definitions/entity.ts'
import {
  bool,
  bytes,
  enumOf,
  type FeatureDefinition,
  float32,
  float64,
  int32,
  int64,
  json,
  list,
  string,
  timestamp,
  uuid,
  vector,
} from '../../src/definitions/feature.ts'
import { featureService } from '../../src/definitions/feature-service.ts'
import { onDemandView } from '../../src/definitions/on-demand-view.ts'
import { staticTable, tableSource } from '../../src/definitions/sources.ts'
import type { ViewFeature } from '../../src/definitions/view-feature.ts'
import { closeRegistry } from '../../src/registry/close.ts'
import type { Registry } from '../../src/registry/registry.ts'
import { type Random, seededRandom } from './random.ts'
import { randomValue } from './random-values.ts'

/** A legal deployment of a few entities with everything that a definition may say, by chance. */
export function randomRegistry(random: Random): Registry {
  const entities = randomEntities(random)
  const views = entities.flatMap((of) => randomViews(random, of))
  const onDemand = entities.flatMap((of) =>
    randomOnDemandViews(
      random,
      of,
      views.filter((view) => view.entity === of),
    ),
  )
  const services = random.times(0, 2, (index) =>
    randomService(random, { index, entities, views: [...views, ...onDemand] }),
  )
  const definitions = [...entities, ...views, ...onDemand, ...services] as readonly Definition[]
  return closeRegistry({ name: 'random', definitions, prefix: random.chance(0.2) ? 'geo' : '' })
}

// Names are unique in the whole registry, so that selections on several types never meet in one response key.
const KEY_BUILDERS: readonly ((options?: any) => FeatureDefinition<any, any, boolean>)[] = [string, int64, uuid]

interface DraftEntity {
  readonly name: string
  readonly keys: Readonly<Record<string, FeatureDefinition<any, any, boolean>>>
}

function randomEntities(random: Random): readonly AnyEntity[] {
  const drafts = random.times(
    1,
    4,
    (index): DraftEntity => ({ name: `Thing${index}`, keys: randomKeys(random, index) }),
  )
  const made: AnyEntity[] = []
  for (const [index, draft] of drafts.entries()) {
    made.push(
      entity(draft.name, { keys: draft.keys, references: randomReferences(random, { drafts, made, index }) } as never),
    )
  }
  return made
}

function randomKeys(random: Random, entityIndex: number): DraftEntity['keys'] {
  const keys = random.times(1, 3, (index) => {
    const build = random.pick(KEY_BUILDERS)
    const types = build === int64 ? (['ID', 'String', 'Int64'] as const) : (['ID', 'String'] as const)
    return [`k${entityIndex}${index}`, build({ graphqlType: random.pick(types) })]
  })
  return Object.fromEntries(keys)
}

/** To any entity, its own and later ones too; by own keys where the dtypes allow, else held by features of the view `held…`. */
function randomReferences(
  random: Random,
  {
    drafts,
    made,
    index,
  }: { readonly drafts: readonly DraftEntity[]; readonly made: readonly AnyEntity[]; readonly index: number },
): Record<string, unknown> {
  const own = Object.entries(drafts[index]!.keys)
  const references = random.times(0, 3, (nth) => {
    const targetIndex = random.int(drafts.length)
    const keys = Object.entries(drafts[targetIndex]!.keys).map(([name, { dtype }]) => {
      const fitting = own.filter(([, key]) => key.dtype.kind === dtype.kind)
      const isOwn = fitting.length > 0 && random.chance(0.5)
      return [name, isOwn ? random.pick(fitting)[0] : heldBy(`held${index}${nth}${name}`)]
    })
    return [`r${index}${nth}`, ref((() => made[targetIndex]!) as never, Object.fromEntries(keys) as never)]
  })
  return Object.fromEntries(references)
}

/** The features that hold references' keys, with the dtypes of those keys. */
function heldFeatures({ references }: AnyEntity): Record<string, FeatureDefinition<any, any, boolean>> {
  const held = Object.values(references).flatMap(({ target, keys }) =>
    Object.entries(keys).flatMap(([name, key]) => {
      if (typeof key === 'string') return []
      const { kind } = target().keys[name].dtype as { readonly kind: 'string' | 'int64' | 'uuid' }
      return [[key.feature, (KEY_BUILDERS[['string', 'int64', 'uuid'].indexOf(kind)] as typeof string)()] as const]
    }),
  )
  return Object.fromEntries(held)
}

type AnyView = { readonly entity: AnyEntity; readonly features: Readonly<Record<string, ViewFeature>> }

function randomViews(random: Random, of: AnyEntity): readonly AnyView[] {
  const held = heldFeatures(of)
  const views = random.times(1, 4, (index) => randomView(random, { of, name: `view${of.name}${index}`, index }))
  if (Object.keys(held).length === 0) return views
  return [
    ...views,
    batchView(`held${of.name}`, {
      entity: of,
      source: tableSource({ table: 't', eventTime: 'e' }),
      features: held,
    } as never),
  ]
}

function randomView(
  random: Random,
  { of, name, index }: { readonly of: AnyEntity; readonly name: string; readonly index: number },
): AnyView {
  const isStatic = random.chance(0.2)
  const source = isStatic ? staticTable({ table: 't' }) : tableSource({ table: 't', eventTime: 'e' })
  const ages = isStatic || random.chance(0.2) ? {} : { ttl: '1d', ...(random.chance(0.5) ? { retention: '2d' } : {}) }
  const prefix = `f${of.name.slice(5)}${index}`
  const features = random.times(1, 6, (nth) => [`${prefix}${nth}`, randomFeature(random)])
  const version = random.chance(0.3) ? { version: 2 } : {}
  return batchView(name, { entity: of, source, ...ages, ...version, features: Object.fromEntries(features) } as never)
}

const SEASONS = ['WINTER', 'SPRING', 'SUMMER', 'AUTUMN'] as const

/** A builder call of any dtype, with a default or not. */
function randomFeature(random: Random): FeatureDefinition<any, any, boolean> {
  const nonFinite = random.chance(0.5) ? ({ nonFinite: 'string' } as const) : {}
  const element = random.pick([
    int32(),
    int64(),
    string(),
    float64(nonFinite),
    enumOf('Season', SEASONS),
    timestamp(),
  ]) as any
  const builders: readonly ((options: any) => FeatureDefinition<any, any, boolean>)[] = [
    bool,
    int32,
    int64,
    (options) => float32({ ...options, ...nonFinite }),
    (options) => float64({ ...options, ...nonFinite }),
    string,
    uuid,
    timestamp,
    bytes,
    json,
    (options) => enumOf('Season', SEASONS, options),
    (options) => vector(2, options),
    (options) => vector(2, options),
    (options) => list(element, options),
  ]
  const build = random.pick(builders)
  const plain = build({})
  const more = {
    description: random.pick(['What it is.', 'Ein "Maß".']),
    ...(random.chance(0.1) ? { deprecated: 'old' } : {}),
  }
  if (!random.chance(0.3)) return build(more)
  return build({ ...more, default: randomDefault(random, plain.dtype) })
}

/** A default is finite: what is not has no text to serve. */
function randomDefault(random: Random, dtype: Dtype): unknown {
  const { kind } = dtype.kind === 'list' ? dtype.of : dtype
  if (kind !== 'float32' && kind !== 'float64') return randomValue(random, dtype)
  return dtype.kind === 'list' ? [1.5, null] : 1.5
}

const UNIT = z.enum(['KM', 'MI']).meta({ id: 'Unit' })
const POINT = z
  .object({ x: z.number().max(100), unit: UNIT.default('KM'), labels: z.array(z.string().optional()).optional() })
  .meta({ id: 'Point' })

/** One name means one type everywhere, so that arguments of views and their inputs agree. */
const ARGUMENTS = {
  scale: z.number().min(-10).default(2),
  n: z.number().int().optional(),
  tags: z.array(z.string()).max(2).optional(),
  flag: z.boolean(),
  unit: UNIT.optional(),
  point: POINT.optional(),
  points: z.array(POINT).default([{ x: 1, unit: 'MI' }]),
} as const

function randomOnDemandViews(random: Random, of: AnyEntity, stored: readonly AnyView[]): readonly AnyView[] {
  const views: AnyView[] = []
  for (const index of random.times(0, 3, (nth) => nth)) {
    const available = [...stored, ...views].flatMap(({ features }) => Object.values(features))
    views.push(randomOnDemandView(random, { of, index, available }))
  }
  return views
}

function randomOnDemandView(
  random: Random,
  {
    of,
    index,
    available,
  }: { readonly of: AnyEntity; readonly index: number; readonly available: readonly ViewFeature[] },
): AnyView {
  const inputs = random.times(0, 3, (nth) => [`i${nth}`, random.pick(available)])
  const args = random.some(Object.entries(ARGUMENTS), 0.3)
  const prefix = `o${of.name.slice(5)}${index}`
  const columns = Object.fromEntries(random.times(1, 3, (nth) => [`${prefix}${nth}`, randomFeature(random)]))
  const salt = random.int(1_000_000)
  return onDemandView(`demand${of.name}${index}`, {
    entity: of,
    inputs: Object.fromEntries(inputs),
    ...(args.length === 0 ? {} : { args: z.object(Object.fromEntries(args) as any) }),
    whenMissing: random.pick(['null', 'call'] as const),
    features: columns,
    compute: (context: unknown) => hashedResult(context, columns, salt),
  } as never)
}

/** A function of nothing but what it is given: values, nulls, nonsense or a throw, by the hash of its input. */
function hashedResult(
  context: unknown,
  columns: Readonly<Record<string, FeatureDefinition>>,
  salt: number,
): Record<string, unknown> {
  const text = JSON.stringify(context, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)) ?? ''
  let hash = salt
  for (let at = 0; at < text.length; at += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) >>> 0
  const random = seededRandom(hash)
  if (random.chance(0.15)) throw random.pick(THROWN)
  if (random.chance(0.02)) return random.pick<any>([undefined, null, 'text', Promise.resolve({})])
  const results = Object.entries(columns).flatMap(([name, { dtype }]): unknown[][] => {
    if (random.chance(0.1)) return [[name, null]]
    if (random.chance(0.03)) return random.chance(0.5) ? [] : [[name, undefined]]
    return [[name, random.chance(0.05) ? Symbol.for('nonsense') : randomValue(random, dtype)]]
  })
  return Object.fromEntries(results as [string, unknown][])
}

const THROWN = [new Error('no such thing: ü'), new TypeError('not so'), 'thrown text', undefined, { status: 7 }]

function randomService(
  random: Random,
  {
    index,
    entities,
    views,
  }: { readonly index: number; readonly entities: readonly AnyEntity[]; readonly views: readonly AnyView[] },
): unknown {
  const roles = random.times(1, 3, (nth) => [`role${index}${nth}`, random.pick(entities)] as const)
  const features = roles.map(([role, of]) => {
    const all = views.filter((view) => view.entity === of).flatMap((view) => Object.values(view.features))
    const chosen = random.some(all, 0.4)
    return [role, chosen.length === 0 ? [all[0]!] : chosen]
  })
  return featureService(`service${index}`, {
    roles: Object.fromEntries(roles),
    features: Object.fromEntries(features),
  } as never)
}
