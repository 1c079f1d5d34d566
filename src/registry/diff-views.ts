import { formatDuration } from '../lib/duration.ts'
import { diffArguments } from './diff-arguments.ts'
import { diffFeatures } from './diff-features.ts'
import { diffWords, pictureOf } from './diff-words.ts'
import { breaking, type ChangeKind, type ChangeText, type RegistryChange, removal, safe } from './registry-change.ts'
import type { BatchViewSnapshot, EntitySnapshot, OnDemandViewSnapshot } from './snapshot.ts'
import { stableJson } from './stable-json.ts'

type ViewSnapshot = BatchViewSnapshot | OnDemandViewSnapshot

/** Changes among the views of one entity. A view that became one of another kind is removed and added. */
export function diffViews(before: EntitySnapshot | undefined, after: EntitySnapshot): readonly RegistryChange[] {
  const [old, now] = [viewsOf(before), viewsOf(after)]
  return [
    ...now.flatMap((view) => {
      const known = old.find((candidate) => candidate.name === view.name && candidate.kind === view.kind)
      return known === undefined ? [added(view)] : diffView(after.name, known, view)
    }),
    ...old
      .filter((view) => !now.some((candidate) => candidate.name === view.name && candidate.kind === view.kind))
      .map(viewRemoved),
  ]
}

function viewsOf(entity: EntitySnapshot | undefined): readonly ViewSnapshot[] {
  return entity === undefined ? [] : [...entity.batchViews, ...entity.onDemandViews]
}

function added(view: ViewSnapshot): RegistryChange {
  return safe({
    kind: 'viewAdded',
    subject: subjectOf(view),
    description: `added at version ${view.version}, with ${view.features.map((feature) => feature.name).join(', ')}`,
    reason: 'Nothing is stored under it yet.',
  })
}

export function viewRemoved(view: ViewSnapshot): RegistryChange {
  const isStored = view.kind === 'batch'
  const reason = isStored
    ? 'Queries that ask for its features fail, and its stored rows are given up.'
    : 'Queries that ask for its features fail.'
  return removal({ kind: 'viewRemoved', subject: subjectOf(view), description: 'removed', reason }, isStored)
}

function subjectOf(view: ViewSnapshot): string {
  return `view ${view.name}`
}

/** Changes of one view. Another version is another view in storage, so with it nothing within is breaking. */
function diffView(entity: string, before: ViewSnapshot, after: ViewSnapshot): readonly RegistryChange[] {
  const changes = changesWithin(entity, before, after)
  if (after.version === before.version) return changes
  if (after.version > before.version) return [versionRaised(before, after), ...changes.map(settle(before, after))]
  return [versionLowered(before, after), ...changes]
}

function changesWithin(entity: string, before: ViewSnapshot, after: ViewSnapshot): readonly RegistryChange[] {
  const features = diffFeatures(entity, before, after)
  const own =
    before.kind === 'batch' && after.kind === 'batch'
      ? diffBatchView(before, after, features)
      : diffOnDemandView(before as OnDemandViewSnapshot, after as OnDemandViewSnapshot)
  return [...own, ...diffWords(subjectOf(after), before, after), ...features]
}

function versionRaised(before: ViewSnapshot, after: ViewSnapshot): RegistryChange {
  const reason =
    after.kind === 'batch'
      ? `Rows of version ${before.version} stay; version ${after.version} is filled beside them and is NOT_FOUND until then.`
      : 'Nothing of it is stored.'
  return safe({ ...versions('versionRaised', before, after), reason })
}

function versionLowered(before: ViewSnapshot, after: ViewSnapshot): RegistryChange {
  const reason = `Rows of version ${after.version} may have been written under another definition.`
  return breaking({ ...versions('versionLowered', before, after), reason })
}

function versions(kind: ChangeKind, before: ViewSnapshot, after: ViewSnapshot) {
  return { kind, subject: subjectOf(after), description: `version ${before.version} -> ${after.version}` }
}

function settle(before: ViewSnapshot, after: ViewSnapshot): (change: RegistryChange) => RegistryChange {
  const reason = `It comes with version ${after.version}; version ${before.version} stays as it was.`
  return (change) => (change.safety === 'safe' ? change : safe({ ...change, reason }))
}

function differs(a: unknown, b: unknown): boolean {
  return stableJson(a) !== stableJson(b)
}

function diffBatchView(
  before: BatchViewSnapshot,
  after: BatchViewSnapshot,
  features: readonly RegistryChange[],
): readonly RegistryChange[] {
  const subject = subjectOf(after)
  const source = differs(before.source, after.source) ? [sourceChanged(before, after, features)] : []
  return [
    ...source,
    ...diffDuration({ kind: 'ttlChanged', subject, as: 'ttl', reason: AGE }, before.ttlMicros, after.ttlMicros),
    ...diffDuration(
      { kind: 'retentionChanged', subject, as: 'retention', reason: AGE },
      before.retentionMicros,
      after.retentionMicros,
    ),
    ...diffSchedule(before, after),
    ...diffCopies(before, after),
  ]
}

/** What may change together with a SQL text that adds features: nothing that says what the others hold. */
const BESIDE_ADDED: ReadonlySet<ChangeKind> = new Set<ChangeKind>([
  ...(['featureAdded', 'featuresReordered', 'defaultChanged', 'deprecationChanged', 'scopesChanged'] as const),
  ...(['descriptionChanged', 'ownerChanged', 'tagsChanged'] as const),
])

/** Breaking, but for a changed SQL text where the same change adds features and does nothing else (SPEC S2). */
function sourceChanged(
  before: BatchViewSnapshot,
  after: BatchViewSnapshot,
  features: readonly RegistryChange[],
): RegistryChange {
  const parts = Object.keys({ ...before.source, ...after.source }).filter((part) =>
    differs(Reflect.get(before.source, part), Reflect.get(after.source, part)),
  )
  const isSqlText = parts.join() === 'from' && 'sql' in before.source.from && 'sql' in after.source.from
  const addsOnly =
    features.some(({ kind }) => kind === 'featureAdded') && features.every(({ kind }) => BESIDE_ADDED.has(kind))
  const text = { kind: 'sourceChanged', subject: subjectOf(after) } as const
  if (!isSqlText) {
    const description = parts.map((part) => partPicture(part, before, after)).join(', ')
    return breaking({ ...text, description, reason: 'Rows come from another place than those that are stored.' })
  }
  const description = 'SQL text'
  return addsOnly
    ? safe({ ...text, description, reason: 'It changes together with features that are added, and nothing else is.' })
    : breaking({ ...text, description, reason: 'What the features mean may have changed with it.' })
}

function partPicture(part: string, before: BatchViewSnapshot, after: BatchViewSnapshot): string {
  const [old, now] = [before, after].map(({ source }) => pictureOf(Reflect.get(source, part)))
  return `source.${part} ${old} -> ${now}`
}

const AGE = 'Age is judged when a row is served; stored rows stay as they are.'
const COPIES = 'It is about copies in a cache; stored rows stay as they are.'

/** A snapshot that says nothing of copies was taken before there were any. */
function diffCopies(before: BatchViewSnapshot, after: BatchViewSnapshot): readonly RegistryChange[] {
  const subject = subjectOf(after)
  const [old, now] = [before, after].map(({ maxStalenessMicros = null }) => maxStalenessMicros)
  const [allowed, allows] = [before, after].map(({ staleIfError = false }) => staleIfError)
  const staleIfError = { kind: 'staleIfErrorChanged', subject, reason: COPIES } as const
  return [
    ...diffDuration({ kind: 'maxStalenessChanged', subject, as: 'maxStaleness', reason: COPIES }, old!, now!),
    ...(allowed === allows ? [] : [safe({ ...staleIfError, description: `staleIfError ${allowed} -> ${allows}` })]),
  ]
}

interface DurationChange extends Omit<ChangeText, 'description'> {
  readonly as: string
}

function diffDuration(
  { as, ...text }: DurationChange,
  before: number | null,
  after: number | null,
): readonly RegistryChange[] {
  if (before === after) return []
  const [old, now] = [before, after].map((micros) => (micros === null ? 'none' : formatDuration(micros)))
  return [safe({ ...text, description: `${as} ${old} -> ${now}` })]
}

function diffSchedule(before: BatchViewSnapshot, after: BatchViewSnapshot): readonly RegistryChange[] {
  if (!differs(before.schedule, after.schedule)) return []
  return [
    safe({
      kind: 'scheduleChanged',
      subject: subjectOf(after),
      description: `schedule ${scheduleText(before)} -> ${scheduleText(after)}`,
      reason: 'It says when rows are read, not which.',
    }),
  ]
}

function scheduleText({ schedule }: BatchViewSnapshot): string {
  if (schedule === null) return 'none'
  const [every, offset, availableAfter] = [
    schedule.everyMicros,
    schedule.offsetMicros,
    schedule.availableAfterMicros,
  ].map(formatDuration)
  return `every ${every}, offset ${offset}, available after ${availableAfter}`
}

function diffOnDemandView(before: OnDemandViewSnapshot, after: OnDemandViewSnapshot): readonly RegistryChange[] {
  const subject = subjectOf(after)
  const changes: RegistryChange[] = []
  const change = (kind: ChangeKind, description: string): number =>
    changes.push(breaking({ kind, subject, description, reason: 'The features mean something else from now on.' }))
  if (before.code !== after.code) change('codeChanged', "the function's text")
  if (differs(before.inputs, after.inputs)) {
    change('inputsChanged', `inputs ${before.inputs.join(', ') || 'none'} -> ${after.inputs.join(', ') || 'none'}`)
  }
  if (before.whenMissing !== after.whenMissing) {
    change('whenMissingChanged', `whenMissing '${before.whenMissing}' -> '${after.whenMissing}'`)
  }
  return [...changes, ...diffArguments(subject, before.args, after.args)]
}
