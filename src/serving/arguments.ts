import { GraphQLError, getArgumentValues } from 'graphql'
import type { RegistryEntity, StoredFeature } from '../registry/registry.ts'
import type { Calls } from './on-demand-calls.ts'
import type { ArgumentSite } from './plan.ts'
import type { SiteOutcome } from './request.ts'

export type Variables = Readonly<Record<string, unknown>>

/** A field's arguments by GraphQL's coercion, or the error that stands in the field's place. */
export function coerceArguments(
  field: Pick<ArgumentSite, 'definition' | 'nodes'>,
  variables: Variables,
): Record<string, unknown> | GraphQLError {
  try {
    return getArgumentValues(field.definition, field.nodes[0]!, variables as Record<string, unknown>)
  } catch (error) {
    if (error instanceof GraphQLError) return error
    throw error
  }
}

/** What the arguments of a field below the root come to: a call, the features that `featureInfo` tells of, or an error. */
export function resolveSite(site: ArgumentSite, variables: Variables, calls: Calls): SiteOutcome {
  const args = coerceArguments(site, variables)
  if (args instanceof Error) return args
  if (site.view === undefined) return namedFeatures(site.entity, args.names as readonly string[] | null | undefined)
  try {
    return calls.resolve(site.view, args)
  } catch (error) {
    return error as Error
  }
}

function namedFeatures(entity: RegistryEntity, names: readonly string[] | null | undefined): readonly StoredFeature[] {
  const stored = entity.features.filter((feature) => feature.kind === 'stored')
  if (names == null) return stored
  const byName = new Map(stored.map((feature) => [feature.name, feature]))
  return names.map((name) => byName.get(name)!)
}
