import { FieldstoneError } from '../errors.ts'
import { inspect } from '../lib/inspect.ts'
import { isReordered } from './diff-order.ts'
import { diffServices } from './diff-services.ts'
import { diffViews, viewRemoved } from './diff-views.ts'
import { diffWords } from './diff-words.ts'
import { breaking, type RegistryChange, removal, safe } from './registry-change.ts'
import type { EntitySnapshot, ReferenceSnapshot, RegistrySnapshot } from './snapshot.ts'

export type { RegistryChange }

/**
 * Every difference between what is on record and what is defined now, in the order of the definitions, those that went
 * away last. Without a record all is added. Throws CELL_CORRUPT where the record is of a form that this program does not know.
 */
export function diffRegistries(
  before: RegistrySnapshot | undefined,
  after: RegistrySnapshot,
): readonly RegistryChange[] {
  if (before === undefined) return diffDefinitions(NOTHING, after)
  assertKnownFormat(before)
  const changes = diffDefinitions(before, after)
  if (before.prefix === after.prefix) return [...diffDeployment(before, after), ...changes]
  return [...diffDeployment(before, after), ...changes.filter(({ kind }) => !FOLLOWS_FROM_PREFIX.has(kind))]
}

type Definitions = Pick<RegistrySnapshot, 'entities' | 'services'>

const NOTHING: Definitions = { entities: [], services: [] }
const FOLLOWS_FROM_PREFIX: ReadonlySet<string> = new Set(['rootFieldRenamed', 'argumentTypeRenamed'])

function diffDefinitions(before: Definitions, after: Definitions): readonly RegistryChange[] {
  const known = new Map(before.entities.map((entity) => [entity.name, entity]))
  const kept = new Set(after.entities.map(({ name }) => name))
  return [
    ...after.entities.flatMap((entity) => diffEntity(known.get(entity.name), entity)),
    ...before.entities.filter(({ name }) => !kept.has(name)).flatMap(entityRemoved),
    ...diffServices(before.services, after.services),
  ]
}

function assertKnownFormat({ format }: { readonly format: unknown }): void {
  if (format === 1) return
  throw new FieldstoneError('CELL_CORRUPT', {
    seen: `the record of what was applied has the format ${inspect(format)}`,
    why: 'This program knows format 1.',
    mend: 'Use the version of Fieldstone that applied last, or a later one.',
  })
}

function diffDeployment(before: RegistrySnapshot, after: RegistrySnapshot): readonly RegistryChange[] {
  const changes: RegistryChange[] = []
  const subject = 'deployment'
  if (before.name !== after.name) {
    const description = `name '${before.name}' -> '${after.name}'`
    changes.push(safe({ kind: 'deploymentRenamed', subject, description, reason: 'Nothing is stored under it.' }))
  }
  if (before.prefix !== after.prefix) {
    const description = `prefix '${before.prefix}' -> '${after.prefix}'`
    const reason = 'Root fields and helper types change their names, so queries fail.'
    changes.push(removal({ kind: 'prefixChanged', subject, description, reason }, false))
  }
  if (isReordered(before, after)) {
    const description = 'definitions, or what one of them lists, in another order'
    changes.push(
      safe({ kind: 'definitionsReordered', subject, description, reason: 'Everything is found by its name.' }),
    )
  }
  return changes
}

function diffEntity(before: EntitySnapshot | undefined, after: EntitySnapshot): readonly RegistryChange[] {
  if (before === undefined) return [entityAdded(after), ...diffViews(undefined, after)]
  return [
    ...diffRootFields(before, after),
    ...diffDescriptions(before, after),
    ...diffKeys(before, after),
    ...diffReferences(before, after),
    ...diffViews(before, after),
  ]
}

function entityAdded({ name, keys }: EntitySnapshot): RegistryChange {
  return safe({
    kind: 'entityAdded',
    subject: `entity ${name}`,
    description: `added, found by ${keys.map((key) => key.name).join(', ')}`,
    reason: 'Nothing is stored under it yet.',
  })
}

function entityRemoved(entity: EntitySnapshot): readonly RegistryChange[] {
  const text = { kind: 'entityRemoved', subject: `entity ${entity.name}`, description: 'removed' } as const
  const reason = 'Queries that ask for it fail.'
  return [
    removal({ ...text, reason }, entity.batchViews.length > 0),
    ...[...entity.batchViews, ...entity.onDemandViews].map(viewRemoved),
  ]
}

function diffRootFields(before: EntitySnapshot, after: EntitySnapshot): readonly RegistryChange[] {
  return (['fieldName', 'pluralFieldName'] as const)
    .filter((property) => before[property] !== after[property])
    .map((property) =>
      removal(
        {
          kind: 'rootFieldRenamed',
          subject: `entity ${after.name}`,
          description: `Query.${before[property]} -> Query.${after[property]}`,
          reason: 'Queries that ask for the old field fail.',
        },
        false,
      ),
    )
}

function diffDescriptions(before: EntitySnapshot, after: EntitySnapshot): readonly RegistryChange[] {
  return [
    ...diffWords(`entity ${after.name}`, before, after),
    ...after.keys.flatMap((key) => {
      const known = before.keys.find(({ name }) => name === key.name)
      return known === undefined ? [] : diffWords(`key ${after.name}.${key.name}`, known, key)
    }),
  ]
}

/** Keys are part of what every row is stored under, so with another key each of the entity's batch views needs a new version. */
function diffKeys(before: EntitySnapshot, after: EntitySnapshot): readonly RegistryChange[] {
  const [old, now] = [before, after].map(keyText)
  if (old === now) return []
  const text = { kind: 'keysChanged', subject: `entity ${after.name}`, description: `keys ${old} -> ${now}` } as const
  const sameVersion = after.batchViews.filter((view) => before.batchViews.some((known) => known.id === view.id))
  if (sameVersion.length > 0) {
    const names = sameVersion.map((view) => view.name).join(', ')
    return [breaking({ ...text, reason: `Rows of ${names} are stored under the old keys.` })]
  }
  if (before.batchViews.length === 0) return [removal({ ...text, reason: 'Queries name the old keys.' }, false)]
  return [safe({ ...text, reason: 'All of its batch views are stored under a new version.' })]
}

function keyText({ keys }: EntitySnapshot): string {
  return keys.map(({ name, dtype, graphqlType }) => `${name} (${dtype.kind}, ${graphqlType})`).join(', ')
}

function diffReferences(before: EntitySnapshot, after: EntitySnapshot): readonly RegistryChange[] {
  const names = [...new Set([...after.references, ...before.references].map(({ name }) => name))]
  return names.flatMap((name) => {
    const [old, now] = [before, after].map(({ references }) => references.find((reference) => reference.name === name))
    return diffReference(`reference ${after.name}.${name}`, old, now)
  })
}

function diffReference(
  subject: string,
  before: ReferenceSnapshot | undefined,
  after: ReferenceSnapshot | undefined,
): readonly RegistryChange[] {
  if (before === undefined) {
    const description = `added, to ${after?.target}`
    return [safe({ kind: 'referenceAdded', subject, description, reason: 'It is read from keys that are there.' })]
  }
  if (after === undefined) {
    const reason = 'Queries that ask for it fail.'
    return [removal({ kind: 'referenceRemoved', subject, description: 'removed', reason }, false)]
  }
  const [old, now] = [before, after].map(({ target, keys }) => `${target} by ${keys.join(', ')}`)
  if (old === now) return diffWords(subject, before, after)
  const reason = 'Queries get another entity in its place.'
  return [removal({ kind: 'referenceChanged', subject, description: `${old} -> ${now}`, reason }, false)]
}
