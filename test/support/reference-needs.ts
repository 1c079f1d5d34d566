import { GraphQLError, type GraphQLResolveInfo } from 'graphql'
import type { RegistryBatchView, RegistryEntity, RegistryFeature, StoredFeature } from '../../src/registry/registry.ts'
import type { FieldstoneSchema } from '../../src/sdl/schema.ts'
import { type SelectedField, selectedFields } from './reference-selection.ts'

export interface Needs {
  /** Every view that the selection of a field on an entity reads (SPEC A2). Throws where graphql-js would refuse to collect it. */
  ofSelection(entity: RegistryEntity, info: GraphQLResolveInfo): ReadonlySet<RegistryBatchView>
}

/** Looks ahead: an object is null if any cell that its selection needs cannot be read, so all of them must be known first. */
export function createNeeds(schema: FieldstoneSchema, met: (what: string) => void): Needs {
  function addField(field: SelectedField, entity: RegistryEntity, needed: Set<RegistryBatchView>): void {
    const meaning = schema.meanings.get(`${entity.name}.${field.name}`)
    if (meaning?.kind === 'feature') addNeeds(meaning.feature, needed)
    if (meaning?.kind === 'featureInfo') for (const { view } of infoFeatures(field, entity)) needed.add(view)
    if (meaning?.kind !== 'reference') return
    for (const key of meaning.reference.keys) if (key.from === 'feature') needed.add(key.feature.view)
  }

  /** None where its arguments are refused: that is an error of `featureInfo` alone, at its own path. */
  function infoFeatures(field: SelectedField, entity: RegistryEntity): readonly StoredFeature[] {
    try {
      return namedFeatures(entity, field.args(schema.schema, entity.name).names)
    } catch (error) {
      if (error instanceof GraphQLError) return []
      throw error
    }
  }

  return {
    ofSelection: (entity, info) => {
      const needed = new Set<RegistryBatchView>()
      for (const field of selectedFields(entity.name, info.fieldNodes, { info, met })) addField(field, entity, needed)
      return needed
    },
  }
}

/** The views that a feature is read from: its own, or those of all its inputs. */
export function addNeeds(feature: RegistryFeature, needed: Set<RegistryBatchView>): void {
  if (feature.kind === 'stored') needed.add(feature.view)
  else for (const { feature: input } of feature.view.inputs) addNeeds(input, needed)
}

/** The features that `featureInfo` tells of: the named ones as they stand, all stored ones without names. */
export function namedFeatures(entity: RegistryEntity, names: unknown): readonly StoredFeature[] {
  const all = entity.features.filter((feature) => feature.kind === 'stored')
  if (names === undefined || names === null) return all
  return (names as readonly string[]).map((name) => all.find((feature) => feature.name === name)!)
}
