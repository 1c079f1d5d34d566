import type { ReferenceDefinition } from '../definitions/entity.ts'

/** The name of the entity that a reference points at; undefined where its function throws or gives anything else. */
export function targetOf(reference: ReferenceDefinition): string | undefined {
  try {
    const target: unknown = reference.target()
    const { kind, name } = target as { readonly kind?: unknown; readonly name?: unknown }
    return kind === 'entity' && typeof name === 'string' ? name : undefined
  } catch {
    return undefined
  }
}
