import type { KeyDtype } from '../definitions/dtypes.ts'
import type { AnyEntity, KeyColumns, ReferenceDefinition } from '../definitions/entity.ts'
import { invariant } from '../lib/assert.ts'
import type { Declared } from './declared.ts'
import { entityFieldNames } from './names.ts'
import { targetOf } from './reference-target.ts'
import type {
  ReferenceKey,
  RegistryBatchView,
  RegistryEntity,
  RegistryFeature,
  RegistryKey,
  RegistryOnDemandView,
  RegistryReference,
} from './registry.ts'

/** An entity while views are put into it: entities, views and features know each other. */
export interface EntityDraft extends RegistryEntity {
  readonly references: RegistryReference[]
  readonly batchViews: RegistryBatchView[]
  readonly onDemandViews: RegistryOnDemandView[]
  readonly features: RegistryFeature[]
}

/** The entities by name, with their keys; views and references come later. */
export function draftEntities(declared: Declared, prefix: string): ReadonlyMap<string, EntityDraft> {
  return new Map([...declared.entities].map(([name, entity]) => [name, draftEntity(entity, prefix)]))
}

function draftEntity({ name, plural, description, keys }: AnyEntity, prefix: string): EntityDraft {
  const { one, many } = entityFieldNames(name, plural, prefix)
  return {
    ...{ name, fieldName: one, pluralFieldName: many, description },
    keys: closeKeys(keys as KeyColumns),
    references: [],
    batchViews: [],
    onDemandViews: [],
    features: [],
  }
}

function closeKeys(keys: KeyColumns): readonly RegistryKey[] {
  return Object.entries(keys).map(([name, { dtype, graphqlType, description }]) => ({
    name,
    dtype: dtype as KeyDtype,
    graphqlType: graphqlType ?? 'ID',
    description,
  }))
}

/** Resolves the references, once all features are there. */
export function closeReferences(declared: Declared, drafts: ReadonlyMap<string, EntityDraft>): void {
  for (const [name, entity] of declared.entities) {
    const draft = drafts.get(name)!
    for (const [referenceName, reference] of Object.entries(entity.references)) {
      const target = drafts.get(targetOf(reference)!)
      invariant(target !== undefined, `reference ${referenceName} of ${name} was checked`)
      const keys = target.keys.map((key) => referenceKey(draft, reference.keys[key.name]!))
      draft.references.push({ name: referenceName, description: reference.description, target, keys })
    }
  }
}

function referenceKey(entity: EntityDraft, holder: ReferenceDefinition['keys'][string]): ReferenceKey {
  if (typeof holder === 'string') return { from: 'key', index: entity.keys.findIndex((key) => key.name === holder) }
  const feature = entity.features.find((candidate) => candidate.name === holder.feature)
  invariant(feature?.kind === 'stored', `feature ${holder.feature} of ${entity.name} was checked`)
  return { from: 'feature', feature }
}
