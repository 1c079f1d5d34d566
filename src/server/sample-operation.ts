import type { RegistryEntity, RegistryFeature, RegistryKey } from '../registry/registry.ts'

const MAX_FEATURES = 4

/** An operation for someone who sees the schema for the first time: the first entity by a key to be replaced, and a few of its features. */
export function sampleOperationOf(registry: { readonly entities: readonly RegistryEntity[] }): string {
  const heading = '# Features are fields: Ctrl-Space shows which there are, Ctrl-Enter runs the query.'
  const entity = registry.entities[0]
  if (entity === undefined) return `${heading}\n\nquery {\n  __typename\n}\n`
  const keys = entity.keys.map((key) => `${key.name}: "${placeholder(key)}"`).join(', ')
  const features = entity.features.filter(isPlain).slice(0, MAX_FEATURES)
  const fields = [...entity.keys, ...features].map(({ name }) => `    ${name}\n`).join('')
  return `${heading}\n\nquery {\n  ${entity.fieldName}(${keys}) {\n${fields}  }\n}\n`
}

function placeholder({ dtype }: RegistryKey): string {
  return dtype.kind === 'uuid' ? '00000000-0000-0000-0000-000000000000' : '1'
}

/** Whether a feature is a leaf without arguments. */
function isPlain(feature: RegistryFeature): boolean {
  return feature.dtype.kind !== 'vector' && (feature.kind === 'stored' || feature.view.fieldArgs.length === 0)
}
