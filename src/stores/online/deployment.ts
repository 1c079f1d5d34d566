import { FieldstoneError } from '../../errors.ts'
import type { Records } from './records.ts'

const KIND = 'deployment'
const NAME = 'current'

/** A view version as it was applied. Every fingerprint stays until the version is dropped, so that old and new processes write side by side (SPEC S2). */
export interface AppliedView {
  readonly entity: string
  /** `name@version`. */
  readonly view: string
  readonly fingerprints: readonly string[]
  /** Of the newest column list. */
  readonly columnList: string
}

export interface Deployment {
  /** Of the registry that was applied last; undefined where nothing was. */
  readonly snapshot: unknown
  readonly views: readonly AppliedView[]
}

/** What `recordDeployment` is given: the fingerprint that each view has now, and the versions that are dropped. */
export interface NextDeployment {
  readonly snapshot: unknown
  readonly views: readonly {
    readonly entity: string
    readonly view: string
    readonly fingerprint: string
    readonly columnList: string
  }[]
  /** `name@version` of each version that is dropped. */
  readonly dropped: readonly string[]
}

const NOTHING: Deployment = { snapshot: undefined, views: [] }

export async function readDeployment(records: Records): Promise<Deployment> {
  return (await records.get<Deployment>(KIND, NAME)) ?? NOTHING
}

/** Records what is applied, under compare-and-set. Views that are neither named nor dropped stay on record. */
export async function recordDeployment(records: Records, next: NextDeployment): Promise<void> {
  await records.update<Deployment>(KIND, NAME, (current = NOTHING) => merge(current, next))
}

function merge(current: Deployment, next: NextDeployment): Deployment {
  const views = new Map(current.views.map((view) => [view.view, view]))
  for (const { entity, view, fingerprint, columnList } of next.views) {
    const fingerprints = [...new Set([...(views.get(view)?.fingerprints ?? []), fingerprint])]
    views.set(view, { entity, view, fingerprints, columnList })
  }
  for (const view of next.dropped) views.delete(view)
  return { snapshot: next.snapshot, views: [...views.values()] }
}

/** Gives the view as it was applied. Throws NOT_APPLIED unless its fingerprint is on record. */
export async function assertApplied(
  records: Records,
  view: { readonly id: string; readonly fingerprint: string },
): Promise<AppliedView> {
  const { views } = await readDeployment(records)
  const applied = views.find((candidate) => candidate.view === view.id)
  if (applied?.fingerprints.includes(view.fingerprint)) return applied
  const seen = applied === undefined ? 'is not on record' : `is on record as ${applied.fingerprints.join(', ')}`
  throw new FieldstoneError('NOT_APPLIED', { seen: `view ${view.id} (${view.fingerprint}) ${seen}` })
}
