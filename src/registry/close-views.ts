import type { ZodObject } from 'zod'
import type { Schedule } from '../definitions/batch-view.ts'
import type { AnyOnDemandView } from '../definitions/on-demand-view.ts'
import type { SourceDefinition } from '../definitions/sources.ts'
import type { ViewFeature } from '../definitions/view-feature.ts'
import { invariant } from '../lib/assert.ts'
import { parseDuration } from '../lib/duration.ts'
import type { EntityDraft } from './close-entities.ts'
import { type AnyBatchView, type AnyView, type Declared, featuresOf, inputsOf } from './declared.ts'
import { batchViewFingerprint, onDemandViewFingerprint } from './fingerprint.ts'
import type {
  OnDemandFeature,
  RegistryBatchView,
  RegistryEntity,
  RegistryFeature,
  RegistryOnDemandView,
  RegistrySchedule,
  RegistrySource,
  StoredFeature,
} from './registry.ts'
import type { ViewArguments } from './view-arguments.ts'

type RegistryView = RegistryBatchView | RegistryOnDemandView
/** A view whose features (which know it) and fingerprint (which knows them) are put in last. */
type Draft<View extends RegistryView> = { -readonly [Property in keyof View]: View[Property] }

interface Closing {
  readonly declared: Declared
  readonly drafts: ReadonlyMap<string, EntityDraft>
  readonly args: ViewArguments
  readonly closed: Map<string, RegistryView>
}

/** Closes every view, inputs before what needs them, and puts it into its entity in declared order. */
export function closeViews(options: Omit<Closing, 'closed'>): void {
  const closing: Closing = { ...options, closed: new Map() }
  for (const view of options.declared.views.values()) {
    const entity = options.drafts.get(view.entity.name)!
    const closed = closeView(view, closing)
    if (closed.kind === 'batch') entity.batchViews.push(closed)
    else entity.onDemandViews.push(closed)
    entity.features.push(...closed.features)
  }
}

function closeView(view: AnyView, closing: Closing): RegistryView {
  const known = closing.closed.get(view.name)
  if (known !== undefined) return known
  const entity = closing.drafts.get(view.entity.name)!
  const closed = view.kind === 'batchView' ? closeBatchView(view, entity) : closeOnDemandView(view, entity, closing)
  closing.closed.set(view.name, closed)
  return closed
}

function viewBase({ name, version, description, owner, tags }: AnyView, entity: RegistryEntity) {
  return { name, version, id: `${name}@${version}`, entity, description, owner, tags, fingerprint: '' }
}

function closeBatchView(definition: AnyBatchView, entity: RegistryEntity): RegistryBatchView {
  const ttlMicros = microsOf(definition.ttl)
  const view: Draft<RegistryBatchView> = {
    ...viewBase(definition, entity),
    kind: 'batch',
    source: closeSource(definition.source, entity),
    ttlMicros,
    retentionMicros: microsOf(definition.retention) ?? ttlMicros,
    schedule: closeSchedule(definition.schedule),
    maxStalenessMicros: microsOf(definition.maxStaleness),
    staleIfError: definition.staleIfError ?? false,
    features: [],
  }
  view.features = featuresOf(definition).map(
    (feature, index): StoredFeature => ({
      ...featureBase(feature, index, view),
      kind: 'stored',
      view,
      column: feature.definition.column ?? feature.name,
    }),
  )
  view.fingerprint = batchViewFingerprint(view)
  return view
}

function featureBase({ name, definition }: ViewFeature, index: number, view: Draft<RegistryView>) {
  const { dtype, nonFinite, description, nullable, deprecated, scopes } = definition
  return {
    ...{ name, dtype, nonFinite, description, nullable, deprecated, scopes, index },
    entity: view.entity,
    default: definition.default,
    tags: definition.tags ?? view.tags,
    owner: definition.owner ?? view.owner,
  }
}

function closeSource(source: SourceDefinition, entity: RegistryEntity): RegistrySource {
  const times = source.kind === 'tableSource' ? source : undefined
  return {
    from: source.from,
    keyColumns: entity.keys.map(({ name }) => (Object.hasOwn(source.keys, name) ? source.keys[name]! : name)),
    eventTime: times?.eventTime,
    ingestTime: times?.ingestTime,
    tieBreaker: times?.tieBreaker,
    deletedColumn: times?.deletedColumn,
  }
}

function closeSchedule(schedule: Schedule | undefined): RegistrySchedule | undefined {
  if (schedule === undefined) return undefined
  return {
    everyMicros: microsOf(schedule.every)!,
    offsetMicros: microsOf(schedule.offset) ?? 0,
    availableAfterMicros: microsOf(schedule.availableAfter) ?? 0,
  }
}

function microsOf(duration: string | undefined): number | undefined {
  if (duration === undefined) return undefined
  const micros = parseDuration(duration)
  invariant(micros !== undefined, `duration ${duration} was checked`)
  return micros
}

function closeOnDemandView(
  definition: AnyOnDemandView,
  entity: RegistryEntity,
  closing: Closing,
): RegistryOnDemandView {
  const view: Draft<RegistryOnDemandView> = {
    ...viewBase(definition, entity),
    kind: 'onDemand',
    inputs: inputsOf(definition).map(([name, feature]) => ({ name, feature: closeInput(feature, closing) })),
    whenMissing: definition.whenMissing,
    argsSchema: definition.args as ZodObject | undefined,
    args: closing.args.own.get(definition.name)!,
    fieldArgs: closing.args.field.get(definition.name)!,
    compute: definition.compute as RegistryOnDemandView['compute'],
    features: [],
  }
  view.features = featuresOf(definition).map(
    (feature, index): OnDemandFeature => ({ ...featureBase(feature, index, view), kind: 'onDemand', view }),
  )
  view.fingerprint = onDemandViewFingerprint(view)
  return view
}

function closeInput({ view, name }: ViewFeature, closing: Closing): RegistryFeature {
  const closed = closeView(closing.declared.views.get(view)!, closing)
  const feature = closed.features.find((candidate) => candidate.name === name)
  invariant(feature !== undefined, `input ${view}.${name} was checked`)
  return feature
}
