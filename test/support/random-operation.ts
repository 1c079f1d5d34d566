import type { Registry } from '../../src/registry/registry.ts'
import type { Random } from './random.ts'
import type { KeyPool } from './random-data.ts'
import { createDraft, type Draft } from './random-draft.ts'
import { type RootField, randomRoot } from './random-roots.ts'

/** An operation with its variables. */
export interface RandomOperation {
  readonly text: string
  readonly operationName: string | undefined
  readonly variables: Record<string, unknown>
  /** Variables for the same operation once it is known, of which some are left out or not what was declared; mostly none. */
  readonly spoiled: Record<string, unknown> | undefined
}

export interface OperationWorld {
  readonly registry: Registry
  readonly pool: KeyPool
}

/**
 * An operation over a registry's schema. One response key always stands for one field with one list of arguments, so that fields of one
 * key may be selected in several places and merge.
 */
export function randomOperation(random: Random, world: OperationWorld): RandomOperation {
  const draft = createDraft(random, world)
  const body = rootSelections(draft)
  const head = draft.declarations.length === 0 ? '' : `(${draft.declarations.join(', ')})`
  const isNamed = random.chance(0.5)
  const other = isNamed && random.chance(0.2) ? ' query Other { __typename }' : ''
  const text = `query ${isNamed ? 'Main' : ''}${head} { ${body} }${other} ${draft.fragments.join(' ')}`
  // Now and then one that the document does not hold, or none where it must be named.
  const rightName = other === '' ? undefined : 'Main'
  const wrongName = random.chance(0.5) ? 'Nothing' : undefined
  const operationName = random.chance(other === '' ? 0.01 : 0.1) ? wrongName : rightName
  const variables = random.chance(0.03) ? spoiled(random, draft) : draft.variables
  return { text, operationName, variables, spoiled: random.chance(0.2) ? spoiled(random, draft) : undefined }
}

/** Root fields, some of them in several places, some in fragments. */
function rootSelections(draft: Draft): string {
  const { random } = draft
  const isAlone = random.chance(0.15)
  const roots = random.times(1, isAlone ? 1 : 4, (index) => randomRoot(draft, { alias: `q${index}`, isAlone }))
  const fields = roots.flatMap((root) => random.times(1, random.chance(0.2) ? 2 : 1, () => rootField(draft, root)))
  return random
    .shuffled(fields)
    .map((field) => (random.chance(0.15) ? rootFragment(draft, field) : field))
    .join(' ')
}

function rootField(draft: Draft, { head, selections }: RootField): string {
  return `${head}${draft.directives()} ${selections()}`
}

function rootFragment({ random, fragments, directives }: Draft, field: string): string {
  if (random.chance(0.5)) return `...${random.pick(['', ' on Query'])}${directives()} { ${field} }`
  const name = `F${fragments.length}`
  fragments.push(`fragment ${name} on Query { ${field} }`)
  return `...${name}${directives()}`
}

/** Variables of which a few are left out or have a part that is not what was declared; seldom a condition, for there are so many. */
function spoiled(random: Random, { variables }: Draft): Record<string, unknown> {
  const entries = Object.entries(variables).filter(() => random.chance(0.98))
  const isHit = (value: unknown): boolean => random.chance(typeof value === 'boolean' ? 0.01 : 0.3)
  return Object.fromEntries(entries.map(([name, value]) => [name, isHit(value) ? damaged(random, value) : value]))
}

/** Most of it is refused; some is another form of the same, such as one item in the place of a list. */
function damaged(random: Random, value: unknown): unknown {
  if (random.chance(0.3)) return random.pick<unknown>([null, { not: ['so'] }, [value], 7, 'x'])
  if (Array.isArray(value)) return damagedList(random, value)
  return typeof value === 'object' && value !== null ? damagedObject(random, value) : random.pick([null, 7, true, 'x'])
}

function damagedList(random: Random, items: readonly unknown[]): unknown {
  if (items.length === 0 || random.chance(0.4)) return items[0] ?? null
  const at = random.int(items.length)
  return items.with(at, damaged(random, items[at]))
}

function damagedObject(random: Random, fields: object): unknown {
  const entries = Object.entries(fields)
  if (entries.length === 0 || random.chance(0.3)) return { ...fields, more: 1 }
  const at = random.int(entries.length)
  const [name, value] = entries[at]!
  return Object.fromEntries(
    random.chance(0.2) ? entries.toSpliced(at, 1) : entries.with(at, [name, damaged(random, value)]),
  )
}
