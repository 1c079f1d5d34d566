import type { AnyEntity } from './entity.ts'
import { deepFreeze } from './freeze.ts'
import type { DefinitionTypeError } from './type-error.ts'
import type { ViewFeature } from './view-feature.ts'

export type Roles = Readonly<Record<string, AnyEntity>>

/** A named, versioned list of features over entities in roles: what one model reads. Its GraphQL field answers in columns. */
export interface FeatureServiceDefinition<Name extends string = string, R extends Roles = Roles> {
  readonly kind: 'featureService'
  readonly name: Name
  readonly version: number
  readonly roles: R
  readonly features: { readonly [Role in keyof R]: readonly ViewFeature[] }
  readonly description: string | undefined
  readonly owner: string | undefined
  readonly tags: readonly string[]
}

type FeaturesByRole<R extends Roles> = { readonly [Role in keyof R]: readonly ViewFeature<string>[] }

type CheckedFeatures<R extends Roles, F> = {
  readonly [Role in keyof F]: Role extends keyof R
    ? F[Role] extends readonly ViewFeature<R[Role]['name']>[]
      ? F[Role]
      : DefinitionTypeError<`role '${Role & string}' is a ${R[Role]['name']}: it takes features of ${R[Role]['name']} alone`>
    : DefinitionTypeError<`'${Role & string}' is not one of the service's roles`>
}

/**
 * Declares a feature service.
 * @example featureService('delayModelV1', { roles: { route, origin: airport }, features: { route: [routeDaily.features.meanDelay30d], origin: [airportDaily.features.meanDelay7d] } })
 */
export function featureService<const Name extends string, const R extends Roles, const F extends FeaturesByRole<R>>(
  name: Name,
  options: {
    readonly roles: R
    /** For each role the features that it gives, in the order of the answer. */
    readonly features: F & CheckedFeatures<R, F>
    /** Default 1. */
    readonly version?: number
    readonly description?: string
    readonly owner?: string
    readonly tags?: readonly string[]
  },
): FeatureServiceDefinition<Name, R> {
  return deepFreeze({
    kind: 'featureService',
    name,
    version: options.version ?? 1,
    roles: Object.freeze({ ...options.roles }),
    features: deepFreeze({ ...options.features }) as unknown as FeatureServiceDefinition<Name, R>['features'],
    description: options.description,
    owner: options.owner,
    tags: options.tags ?? [],
  })
}
