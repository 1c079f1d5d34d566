import { spelledOutArgument } from './arguments.ts'
import type {
  Registry,
  RegistryArgument,
  RegistryBatchView,
  RegistryFeature,
  RegistryOnDemandView,
  RegistryService,
} from './registry.ts'
import { snapshotContent } from './snapshot.ts'
import { fingerprintOf } from './stable-json.ts'

/*
 * What a fingerprint covers is what may not change behind the back of stored rows and trained models (SPEC S2). A view's
 * hangs on nothing but the view, its entity's keys and, for an on-demand view, the inputs that it names: other definitions
 * and their order do not touch it.
 */

/** Covers keys, source and columns; not ttl, retention, schedule, copies, defaults or descriptions, which are safe to change. */
export function batchViewFingerprint(view: Omit<RegistryBatchView, 'fingerprint'>): string {
  return fingerprintOf({
    kind: view.kind,
    id: view.id,
    entity: view.entity.name,
    keys: view.entity.keys.map(({ name, dtype }) => [name, dtype]),
    source: view.source,
    columns: view.features.map(({ name, column, dtype, nonFinite, nullable }) => ({
      ...{ name, column, dtype, nonFinite, nullable },
    })),
  })
}

/**
 * Covers the function's own text, so a change of its code is seen; not that of functions it calls. Arguments count by what
 * they take in GraphQL, not by zod's checks or the names of their types.
 */
export function onDemandViewFingerprint(view: Omit<RegistryOnDemandView, 'fingerprint'>): string {
  return fingerprintOf({
    kind: view.kind,
    id: view.id,
    entity: view.entity.name,
    inputs: view.inputs.map(({ name, feature }) => [name, nameOf(feature), feature.dtype, feature.nonFinite]),
    args: argumentTexts(view.args),
    whenMissing: view.whenMissing,
    code: view.compute.toString(),
    features: view.features.map(({ name, dtype, nonFinite }) => ({ name, dtype, nonFinite })),
  })
}

/** Covers roles, features with their views' versions, and the row's arguments. */
export function serviceFingerprint(service: Omit<RegistryService, 'fingerprint'>): string {
  return fingerprintOf({
    name: service.name,
    version: service.version,
    roles: service.roles.map(({ name, entity, features }) => ({
      ...{ name, entity: entity.name },
      features: features.map((feature) => [feature.name, feature.view.id, feature.dtype, feature.nonFinite]),
    })),
    rowArgs: argumentTexts(service.rowArgs),
  })
}

/**
 * Covers all that a snapshot holds, and so all that is served: names, prefix, descriptions, ttls, defaults. Entities, the
 * features within an entity, and services count in their order, for it is that of the schema and of answers; the order of
 * definitions of different kinds or entities among each other does not.
 */
export function registryFingerprint(registry: Omit<Registry, 'fingerprint'>): string {
  return fingerprintOf(snapshotContent(registry))
}

function argumentTexts(args: readonly RegistryArgument[]): unknown {
  return args.map((argument) => [argument.name, spelledOutArgument(argument)])
}

function nameOf(feature: RegistryFeature): string {
  return `${feature.view.name}.${feature.name}`
}
