import { FieldstoneError, FieldstoneErrors } from '../errors.ts'
import { forgetView } from '../materialize/forget-view.ts'
import { keepLease, type LeaseKeeper } from '../materialize/lease-keeper.ts'
import { diffRegistries, type RegistryChange } from '../registry/diff.ts'
import type { RegistryBatchView } from '../registry/registry.ts'
import { type RegistrySnapshot, snapshotOf } from '../registry/snapshot.ts'
import { columnListOf } from '../stores/online/column-lists.ts'
import {
  type AppliedView,
  type Deployment as RecordedDeployment,
  readDeployment,
  recordDeployment,
} from '../stores/online/deployment.ts'
import { acquireLease } from '../stores/online/leases.ts'
import type { StorageChange, StoragePlan } from '../stores/online/online-store.ts'
import type { Records } from '../stores/online/records.ts'
import type { Deployment } from './load-config.ts'
import type { Online } from './open-stores.ts'
import type { Terminal } from './terminal.ts'

/** What `apply` would do: to the definitions on record, and to the store. */
export interface Plan {
  /** Whether nothing is on record yet. */
  readonly isFirst: boolean
  readonly changes: readonly RegistryChange[]
  readonly storage: readonly StorageChange[]
  /** View versions on record that the definitions hold no more; their rows stay until an apply with `--allow-destructive`. */
  readonly left: readonly AppliedView[]
  /** Views of the definitions whose rows are not there yet, or lack columns. */
  readonly unfilled: readonly RegistryBatchView[]
}

export interface ApplyOptions {
  readonly allowDestructive: boolean
}

/** Compares the definitions with what the online store has on record. Changes nothing. */
export async function planChanges(deployment: Deployment, { store, records }: Online): Promise<Plan> {
  const { snapshot, views } = await recordedDeployment(records)
  const defined = batchViews(deployment)
  const ids = new Set(defined.map((view) => view.id))
  return {
    isFirst: snapshot === undefined,
    changes: diffRegistries(snapshot as RegistrySnapshot | undefined, snapshotOf(deployment.registry)),
    storage: await store.prepare(storagePlan(defined), { dryRun: true }),
    left: views.filter(({ view }) => !ids.has(view)),
    unfilled: defined.filter((view) => !isRecorded(view, views)),
  }
}

/** Nothing is on record in a store that has no place for records yet. */
async function recordedDeployment(records: Records): Promise<RecordedDeployment> {
  try {
    return await readDeployment(records)
  } catch (error) {
    if (error instanceof FieldstoneError && error.code === 'NOT_APPLIED') return { snapshot: undefined, views: [] }
    throw error
  }
}

/** Every batch view of a deployment, in the registry's order. */
export function batchViews({ registry }: Deployment): readonly RegistryBatchView[] {
  return registry.entities.flatMap((entity) => entity.batchViews)
}

const NO_VIEWS: StoragePlan = { views: [] }

function storagePlan(views: readonly RegistryBatchView[]): StoragePlan {
  return { views: views.map((view) => ({ entity: view.entity.name, view: view.id })) }
}

function isRecorded(view: RegistryBatchView, applied: readonly AppliedView[]): boolean {
  const found = applied.find((candidate) => candidate.view === view.id)
  return found !== undefined && found.columnList === columnListOf(view).fingerprint
}

/**
 * Does what `planChanges` shows and gives what was done. Throws CHANGE_BREAKING and CHANGE_DESTRUCTIVE, and then has changed
 * nothing; LEASE_HELD where another apply is at it, or a run is at a view that would be dropped.
 */
export async function applyChanges(deployment: Deployment, online: Online, options: ApplyOptions): Promise<Plan> {
  const storage = await online.store.prepare(storagePlan(batchViews(deployment)), { dryRun: true })
  // Leases and records need a place, too.
  if (storage.length > 0) await online.store.prepare(NO_VIEWS, { dryRun: false })
  // What is refused depends on what is on record, so no other apply may change that in between.
  const leases = [keepLease(await acquireLease(online.records, 'apply'))]
  try {
    const plan = { ...(await planChanges(deployment, online)), storage }
    const refusal = refusalOf(plan, options)
    if (refusal !== undefined) throw refusal
    const dropped = options.allowDestructive ? plan.left : []
    // A run that is on its way would write rows, and how far it came, after they were deleted.
    for (const { view } of dropped) leases.push(keepLease(await acquireLease(online.records, `materialize ${view}`)))
    await carryOut(deployment, online, dropped)
    return plan
  } finally {
    await releaseAll(leases)
  }
}

async function releaseAll(leases: readonly LeaseKeeper[]): Promise<void> {
  for (const lease of leases) await lease.release()
}

/** Why a plan may not be applied: all reasons at once. Undefined: it may. */
export function refusalOf({ changes }: Plan, { allowDestructive }: ApplyOptions): FieldstoneErrors | undefined {
  const errors = changes
    .filter(({ remedy }) => remedy === 'newVersion' || (remedy === 'permission' && !allowDestructive))
    .map(refusedChange)
  return errors.length === 0 ? undefined : new FieldstoneErrors(errors)
}

function refusedChange({ subject, description, reason, destructive, remedy }: RegistryChange): FieldstoneError {
  const details = { seen: `${subject}: ${description}`, why: reason }
  if (remedy === 'newVersion') return new FieldstoneError('CHANGE_BREAKING', details)
  if (destructive) return new FieldstoneError('CHANGE_DESTRUCTIVE', details)
  return new FieldstoneError('CHANGE_BREAKING', { ...details, mend: 'Pass --allow-destructive if that is meant.' })
}

/** In an order that leaves, wherever it is killed, a state that the next apply goes on from. */
async function carryOut(
  deployment: Deployment,
  { store, records, lists }: Online,
  dropped: readonly AppliedView[],
): Promise<void> {
  const defined = batchViews(deployment)
  await store.prepare(storagePlan(defined), { dryRun: false })
  for (const view of defined) await lists.record(columnListOf(view))
  for (const { entity, view } of dropped) {
    // Forgotten first: how far runs came must not outlive any of their rows.
    await forgetView(records, view)
    await store.delete({ entity, view })
  }
  await recordDeployment(records, {
    snapshot: snapshotOf(deployment.registry),
    views: defined.map((view) => ({
      entity: view.entity.name,
      view: view.id,
      fingerprint: view.fingerprint,
      columnList: columnListOf(view).fingerprint,
    })),
    dropped: dropped.map(({ view }) => view),
  })
}

/** Tells which views are served without being applied as they are defined: their features may be NOT_FOUND. */
export async function noteUnapplied(deployment: Deployment, { records }: Online, terminal: Terminal): Promise<void> {
  const { views } = await readDeployment(records)
  const fingerprints = new Map(views.map((view) => [view.view, view.fingerprints]))
  for (const view of batchViews(deployment)) {
    if (fingerprints.get(view.id)?.includes(view.fingerprint)) continue
    terminal.note(`view ${view.id} is not applied as it is defined here; see 'fieldstone plan'`)
  }
}
