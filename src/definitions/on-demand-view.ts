import type { output, ZodObject } from 'zod'
import type { AnyEntity } from './entity.ts'
import type { ServedValueOf, ValueOf } from './feature.ts'
import { deepFreeze } from './freeze.ts'
import type { DefinitionTypeError } from './type-error.ts'
import { type FeatureColumns, type ViewFeature, type ViewFeatures, viewFeatures } from './view-feature.ts'

/** What a view does where an input is null after defaults: give null without calling, or call with the null. */
export type WhenMissing = 'null' | 'call'

type Inputs = Readonly<Record<string, ViewFeature>>

/** What `compute` sees of its inputs: never null where it is not called without them, or where a default makes them total. */
export type InputsOf<I extends Inputs, W extends WhenMissing> = {
  readonly [K in keyof I]: W extends 'null' ? ValueOf<I[K]['definition']> : ServedValueOf<I[K]['definition']>
}

type ArgsOf<A> = A extends ZodObject ? output<A> : Readonly<Record<string, never>>

/** What `compute` is called with. */
export interface ComputeContext<I extends Inputs, A, W extends WhenMissing> {
  readonly inputs: InputsOf<I, W>
  /** The request's arguments, parsed by zod. */
  readonly args: ArgsOf<A>
  /** The request's now, in microseconds since 1970 (SPEC T2). */
  readonly nowMicros: number
}

/** Features computed at request time by a pure function (SPEC O1). */
export interface OnDemandViewDefinition<
  Name extends string = string,
  E extends AnyEntity = AnyEntity,
  I extends Inputs = Inputs,
  A extends ZodObject | undefined = ZodObject | undefined,
  Columns extends FeatureColumns = FeatureColumns,
  W extends WhenMissing = WhenMissing,
> {
  readonly kind: 'onDemandView'
  readonly name: Name
  readonly version: number
  readonly entity: E
  readonly inputs: I
  readonly args: A
  readonly whenMissing: W
  readonly compute: (context: ComputeContext<I, A, W>) => { readonly [K in keyof Columns]: ValueOf<Columns[K]> | null }
  readonly description: string | undefined
  readonly owner: string | undefined
  readonly tags: readonly string[]
  readonly features: ViewFeatures<E['name'], Columns>
}

export type AnyOnDemandView = OnDemandViewDefinition<string, AnyEntity, any, any, any, any>

/** Where one of them is no feature, the compiler knows the inputs by their constraint alone: without their names. */
type CheckedInputs<E extends AnyEntity, I> = {
  readonly [K in keyof I]: string extends K
    ? DefinitionTypeError<'an input is a feature; write someView.features.name'>
    : I[K] extends ViewFeature<infer Other>
      ? Other extends E['name']
        ? I[K]
        : DefinitionTypeError<`'${K & string}' is a feature of ${Other}; inputs are features of ${E['name']}`>
      : never
}

interface OnDemandViewOptions<
  E extends AnyEntity,
  I extends Inputs,
  A extends ZodObject | undefined,
  Columns extends FeatureColumns,
  W extends WhenMissing,
> {
  readonly entity: E
  /** Features of the same entity, stored or on-demand; an on-demand input gets this field's arguments of its own names. */
  readonly inputs: I & CheckedInputs<E, I>
  /** Arguments of the GraphQL fields: a zod object of string, number, int, boolean, enum, array, object, optional, default. Default: none. */
  readonly args?: A
  readonly features: Columns
  /** Default `'null'`: where an input is null, so are the features, and the function is not called. */
  readonly whenMissing?: W
  /** Pure and synchronous: no I/O, no clock of its own. A throw makes its features null with one coded error each. */
  readonly compute: (context: ComputeContext<NoInfer<I>, NoInfer<A>, NoInfer<W>>) => {
    readonly [K in keyof NoInfer<Columns>]: ValueOf<NoInfer<Columns>[K]> | null
  }
  /** Raised by every change of meaning. Default 1. */
  readonly version?: number
  readonly description?: string
  readonly owner?: string
  readonly tags?: readonly string[]
}

/** Declares features that are computed when they are asked for. */
export function onDemandView<
  const Name extends string,
  E extends AnyEntity,
  const I extends Inputs,
  const Columns extends FeatureColumns,
  A extends ZodObject | undefined = undefined,
  const W extends WhenMissing = 'null',
>(name: Name, options: OnDemandViewOptions<E, I, A, Columns, W>): OnDemandViewDefinition<Name, E, I, A, Columns, W> {
  return deepFreeze({
    kind: 'onDemandView',
    name,
    version: options.version ?? 1,
    entity: options.entity,
    inputs: Object.freeze({ ...options.inputs }) as I,
    args: options.args as A,
    whenMissing: (options.whenMissing ?? 'null') as W,
    compute: options.compute,
    description: options.description,
    owner: options.owner,
    tags: options.tags ?? [],
    features: viewFeatures(options.entity.name as E['name'], name, options.features),
  })
}
