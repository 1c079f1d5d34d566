import { describeDtype } from '../definitions/dtypes.ts'
import { pictureOf } from './diff-words.ts'
import { breaking, type ChangeKind, type RegistryChange, removal, safe } from './registry-change.ts'
import type { BatchViewSnapshot, FeatureSnapshot, OnDemandViewSnapshot } from './snapshot.ts'
import { stableJson } from './stable-json.ts'

type ViewSnapshot = BatchViewSnapshot | OnDemandViewSnapshot

/** One property of a feature, and what its change means. */
interface Rule {
  readonly kind: ChangeKind
  readonly property: keyof FeatureSnapshot
  readonly isBreaking: (before: FeatureSnapshot, after: FeatureSnapshot) => boolean
  readonly reason: (after: FeatureSnapshot) => string
}

const never = (): boolean => false
const always = (): boolean => true

const RULES: readonly Rule[] = [
  {
    ...{ kind: 'dtypeChanged', property: 'dtype', isBreaking: always },
    reason: () => 'Stored values and trained models have the old dtype.',
  },
  {
    ...{ kind: 'nonFiniteChanged', property: 'nonFinite', isBreaking: always },
    reason: () => 'Stored values were written under the other rule, and the GraphQL type is another.',
  },
  {
    ...{ kind: 'columnChanged', property: 'column', isBreaking: always },
    reason: () => 'Values come from another place than those that are stored.',
  },
  {
    ...{ kind: 'nullabilityChanged', property: 'nullable', isBreaking: (_, after) => !after.nullable },
    reason: ({ nullable }) =>
      nullable ? 'Rows that are stored hold no null, and may.' : 'Rows that are stored may hold null.',
  },
  {
    ...{ kind: 'defaultChanged', property: 'default', isBreaking: never },
    reason: () => 'Defaults are put in when a value is served; stored rows hold none.',
  },
  {
    ...{ kind: 'deprecationChanged', property: 'deprecated', isBreaking: never },
    reason: () => 'It is still served.',
  },
  { ...{ kind: 'scopesChanged', property: 'scopes', isBreaking: never }, reason: () => 'Stored rows hold no scopes.' },
  {
    ...{ kind: 'descriptionChanged', property: 'description', isBreaking: never },
    reason: () => 'It is for people.',
  },
  { ...{ kind: 'ownerChanged', property: 'owner', isBreaking: never }, reason: () => 'It is for people.' },
  { ...{ kind: 'tagsChanged', property: 'tags', isBreaking: never }, reason: () => 'They are for people.' },
]

/** Changes among the features of one view. */
export function diffFeatures(entity: string, before: ViewSnapshot, after: ViewSnapshot): readonly RegistryChange[] {
  const [old, now] = [before, after].map(({ features }) => new Map(features.map((feature) => [feature.name, feature])))
  const subjectOf = (name: string) => `feature ${entity}.${name}`
  return [
    ...after.features.flatMap((feature) => {
      const known = old!.get(feature.name)
      return known === undefined
        ? [added(subjectOf(feature.name), feature)]
        : diffFeature(subjectOf(feature.name), known, feature)
    }),
    ...before.features
      .filter(({ name }) => !now!.has(name))
      .map(({ name }) => removed(subjectOf(name), before.kind === 'batch')),
    ...reordered(before, after),
  ]
}

function added(subject: string, feature: FeatureSnapshot): RegistryChange {
  return safe({
    kind: 'featureAdded',
    subject,
    description: `added, ${describeDtype(feature.dtype)}`,
    reason: 'Rows that are stored stay as they are; the feature is NOT_FOUND in them until they are written again.',
  })
}

function removed(subject: string, isStored: boolean): RegistryChange {
  const reason = isStored
    ? 'Queries that ask for it fail, and rows are stored without it from now on.'
    : 'Queries that ask for it fail.'
  return removal({ kind: 'featureRemoved', subject, description: 'removed', reason }, isStored)
}

function diffFeature(subject: string, before: FeatureSnapshot, after: FeatureSnapshot): readonly RegistryChange[] {
  return RULES.filter(({ property }) => stableJson(before[property]) !== stableJson(after[property])).map((rule) => {
    const { kind, property, reason } = rule
    const description = `${property} ${picture(property, before)} -> ${picture(property, after)}`
    const make = rule.isBreaking(before, after) ? breaking : safe
    return make({ kind, subject, description, reason: reason(after) })
  })
}

function picture(property: keyof FeatureSnapshot, feature: FeatureSnapshot): string {
  if (property !== 'dtype') return pictureOf(feature[property])
  const { dtype } = feature
  const element = dtype.kind === 'list' ? dtype.of : dtype
  return element.kind === 'enum' ? `${describeDtype(dtype)} (${element.members.join(', ')})` : describeDtype(dtype)
}

function reordered(before: ViewSnapshot, after: ViewSnapshot): readonly RegistryChange[] {
  const [old, now] = [before, after].map(({ features }) => features.map((feature) => feature.name))
  const kept = (names: readonly string[], others: readonly string[]) => names.filter((name) => others.includes(name))
  if (kept(old!, now!).join() === kept(now!, old!).join()) return []
  return [
    safe({
      kind: 'featuresReordered',
      subject: `view ${after.name}`,
      description: `features in the order ${now!.join(', ')}`,
      reason: 'Stored rows are read by names; the order decides only between rows that tie in everything else.',
    }),
  ]
}
