import { FieldstoneError } from '../../src/errors.ts'
import { inspect } from '../../src/lib/inspect.ts'
import type {
  OnDemandFeature,
  RegistryFeature,
  RegistryOnDemandView,
  StoredFeature,
} from '../../src/registry/registry.ts'
import type { FeatureStatus } from '../../src/values/status.ts'
import { decodeWire, encodeWire, WireProblem } from '../../src/values/wire.ts'
import type { EntityObject } from './reference-reading.ts'

/** A JavaScript value of the feature's dtype, and its status. */
export interface Served {
  readonly value: unknown
  readonly status: FeatureStatus
}

/** SPEC V5: for every status but PRESENT. */
export function withDefault({ value, status }: Served, feature: RegistryFeature): Served {
  return { value: status === 'PRESENT' ? value : (feature.default ?? null), status }
}

type Arguments = Readonly<Record<string, unknown>>

export interface OnDemand {
  /** Before its default. Rejects with what stands in the field's place. */
  computed(object: EntityObject, feature: OnDemandFeature, args: Arguments): Promise<Served>
}

interface OnDemandOptions {
  readonly stored: (object: EntityObject, feature: StoredFeature) => Promise<Served>
  readonly nowMicros: number
  readonly met: (what: string) => void
}

/** On-demand features, computed anew wherever they are asked for: functions are pure (SPEC O1). */
export function createOnDemand({ stored, nowMicros, met }: OnDemandOptions): OnDemand {
  /** Arguments of a view and of its on-demand inputs, each parsed by its own schema; throws for the first that does not fit. */
  function parsedFor(view: RegistryOnDemandView, args: Arguments): Map<string, Record<string, unknown>> {
    const parsed = new Map([[view.id, parsedArguments(view, args)]])
    for (const { feature } of view.inputs) {
      if (feature.kind === 'onDemand') for (const [id, own] of parsedFor(feature.view, args)) parsed.set(id, own)
    }
    return parsed
  }

  function parsedArguments(view: RegistryOnDemandView, args: Arguments): Record<string, unknown> {
    if (view.argsSchema === undefined) return {}
    const own = view.args.filter(({ name }) => args[name] !== undefined).map(({ name }) => [name, args[name]])
    const result = view.argsSchema.safeParse(Object.fromEntries(own))
    if (result.success) return result.data
    met('arguments refused')
    const issues = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new FieldstoneError('ARGUMENTS_INVALID', {
      seen: `arguments of view '${view.name}' (${issues.join('; ')})`,
      facts: { arguments: result.error.issues.map(({ path }) => path.join('.')) },
    })
  }

  async function computedFrom(
    object: EntityObject,
    feature: OnDemandFeature,
    parsed: ReadonlyMap<string, Record<string, unknown>>,
  ): Promise<Served> {
    const { view } = feature
    const inputs = await inputsOf(object, feature, parsed)
    const missing = inputs.find(({ value }) => value === null)
    if (missing !== undefined && view.whenMissing === 'null') return { value: null, status: missing.status }
    const named = Object.fromEntries(inputs.map(({ name, value }) => [name, value]))
    return servedOf(feature, call(feature, { inputs: named, args: parsed.get(view.id)!, nowMicros }))
  }

  /** After their defaults, in declared order. One that failed fails whatever depends on it. */
  async function inputsOf(
    object: EntityObject,
    { view, name: asked }: OnDemandFeature,
    parsed: ReadonlyMap<string, Record<string, unknown>>,
  ): Promise<readonly (Served & { readonly name: string })[]> {
    const inputs: (Served & { readonly name: string })[] = []
    for (const { name, feature } of view.inputs) {
      try {
        const own = feature.kind === 'stored' ? stored(object, feature) : computedFrom(object, feature, parsed)
        inputs.push({ name, ...withDefault(await own, feature) })
      } catch {
        met('on-demand input failed')
        throw new FieldstoneError('ON_DEMAND_FAILED', {
          seen: `${view.entity.name}.${asked}`,
          why: `Its input '${name}' failed, so the function was not called.`,
        })
      }
    }
    return inputs
  }

  function call({ view, name }: OnDemandFeature, context: Parameters<RegistryOnDemandView['compute']>[0]): unknown {
    try {
      return view.compute(context)
    } catch (cause) {
      met('on-demand throw')
      const why = `The function of view '${view.name}' threw ${inspect(cause)}.`
      throw new FieldstoneError('ON_DEMAND_FAILED', { seen: `${view.entity.name}.${name}`, why, cause })
    }
  }

  function servedOf(feature: OnDemandFeature, result: any): Served {
    const value = typeof result === 'object' && result !== null ? result[feature.name] : undefined
    const text = value === undefined ? new WireProblem(absence(feature, result)) : encodeWire(feature, value)
    if (!(text instanceof WireProblem)) {
      return { value: decodeWire(feature.dtype, text), status: text === 'null' ? 'NULL_VALUE' : 'PRESENT' }
    }
    met('on-demand result refused')
    const why = `In the result of view '${feature.view.name}', ${text.reason}.`
    throw new FieldstoneError('ON_DEMAND_RESULT_INVALID', { seen: `${feature.entity.name}.${feature.name}`, why })
  }

  return { computed: async (object, feature, args) => computedFrom(object, feature, parsedFor(feature.view, args)) }
}

function absence({ name }: OnDemandFeature, result: unknown): string {
  if (result instanceof Promise) return 'a promise stands for the values; the function must be synchronous'
  return `there is no '${name}': it gave ${inspect(result)}`
}
