import { inspect } from '../lib/inspect.ts'
import { type RegistryChange, safe } from './registry-change.ts'
import { stableJson } from './stable-json.ts'

/** What is written for people; a thing may lack some of it. */
interface Words {
  readonly description: string | null
  readonly owner?: string | null
  readonly tags?: readonly string[]
}

const KINDS = { description: 'descriptionChanged', owner: 'ownerChanged', tags: 'tagsChanged' } as const

/** Changes of what is written for people. */
export function diffWords(subject: string, before: Words, after: Words): readonly RegistryChange[] {
  return (['description', 'owner', 'tags'] as const)
    .filter((property) => stableJson(before[property]) !== stableJson(after[property]))
    .map((property) =>
      safe({
        kind: KINDS[property],
        subject,
        description: `${property} ${pictureOf(before[property])} -> ${pictureOf(after[property])}`,
        reason: 'It is for people.',
      }),
    )
}

/** A value for people; `none` where nothing is declared. */
export function pictureOf(value: unknown): string {
  return value === null || value === undefined ? 'none' : inspect(value)
}
