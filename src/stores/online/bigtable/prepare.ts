import { FieldstoneError } from '../../../errors.ts'
import type { StorageChange, StoragePlan } from '../online-store.ts'
import { STATUS, statusOf } from './failures.ts'
import { columnOf, entityPrefix, FAMILY } from './layout.ts'
import type { Table } from './table.ts'

/** One thing that is missing, and how to make it. */
interface Step {
  readonly description: string
  readonly run: () => Promise<unknown>
}

/** One version of each cell: what is written at an earlier time than another never counts. */
const GC_RULE = { maxNumVersions: 1 } as const

/** Makes the table, its column family and the app profiles that the options name, where they are missing. Nothing is deleted. */
export async function prepare(
  table: Table,
  { views }: StoragePlan,
  { dryRun }: { readonly dryRun: boolean },
): Promise<readonly StorageChange[]> {
  for (const { entity, view } of views) {
    entityPrefix(entity)
    columnOf(view, 0)
  }
  const steps = [...(await tableSteps(table)), ...(await profileSteps(table))]
  if (!dryRun) for (const { run } of steps) await run()
  return steps.map(({ description }) => ({ description, destructive: false }))
}

function optionsOf({ settings }: Table) {
  return { timeout: settings.adminTimeoutMillis }
}

async function tableSteps(table: Table): Promise<readonly Step[]> {
  const { connection, settings, name } = table
  const found = await unlessMissing(connection.tables().getTable({ name, view: 'SCHEMA_VIEW' }, optionsOf(table)))
  if (found === undefined) {
    const parent = `projects/${settings.project}/instances/${settings.instance}`
    const request = { parent, tableId: settings.table, table: { columnFamilies: { [FAMILY]: { gcRule: GC_RULE } } } }
    const description = `create ${table.place} with column family '${FAMILY}', which keeps one version of a cell`
    return [{ description, run: () => unlessThere(connection.tables().createTable(request, optionsOf(table))) }]
  }
  const family = found[0].columnFamilies?.[FAMILY]
  if (family === undefined) return [familyStep(table, 'create')]
  return family.gcRule?.maxNumVersions === GC_RULE.maxNumVersions ? [] : [familyStep(table, 'update')]
}

function familyStep(table: Table, how: 'create' | 'update'): Step {
  const { connection, name } = table
  const modifications = [{ id: FAMILY, [how]: { gcRule: GC_RULE } }]
  const verb = how === 'create' ? 'create' : 'change'
  return {
    description: `${verb} column family '${FAMILY}' of ${table.place}, so that it keeps one version of a cell`,
    run: () => connection.tables().modifyColumnFamilies({ name, modifications }, optionsOf(table)),
  }
}

async function profileSteps(table: Table): Promise<readonly Step[]> {
  const { appProfile, singleClusterAppProfile } = table.settings
  const steps: Step[] = []
  if (appProfile !== undefined && (await isProfileMissing(table, appProfile))) {
    const routing = { multiClusterRoutingUseAny: {} }
    steps.push(profileStep(table, { id: appProfile, routing, words: 'routes to any cluster' }))
  }
  if (singleClusterAppProfile !== undefined && (await isProfileMissing(table, singleClusterAppProfile))) {
    const clusterId = await clusterOf(table)
    const routing = { singleClusterRouting: { clusterId, allowTransactionalWrites: true } }
    const words = `routes to cluster '${clusterId}' and allows single-row transactions`
    steps.push(profileStep(table, { id: singleClusterAppProfile, routing, words }))
  }
  return steps
}

/** Emulators have tables and no instances: there are no profiles, and any name of one is taken. */
async function isProfileMissing(table: Table, id: string): Promise<boolean> {
  const { connection, settings } = table
  const name = `projects/${settings.project}/instances/${settings.instance}/appProfiles/${id}`
  try {
    return (await unlessMissing(connection.instances().getAppProfile({ name }, optionsOf(table)))) === undefined
  } catch (error) {
    if (settings.emulatorHost !== undefined && statusOf(error) === STATUS.UNIMPLEMENTED) return false
    throw error
  }
}

interface Profile {
  readonly id: string
  readonly routing: object
  readonly words: string
}

function profileStep(table: Table, { id, routing, words }: Profile): Step {
  const { connection, settings } = table
  const parent = `projects/${settings.project}/instances/${settings.instance}`
  const request = { parent, appProfileId: id, appProfile: { description: 'Fieldstone', ...routing } }
  return {
    description: `create app profile '${id}' of bigtable instance '${settings.instance}', which ${words}`,
    run: () => unlessThere(connection.instances().createAppProfile(request, optionsOf(table))),
  }
}

async function clusterOf(table: Table): Promise<string> {
  const { connection, settings } = table
  if (settings.cluster !== undefined) return settings.cluster
  const parent = `projects/${settings.project}/instances/${settings.instance}`
  const [{ clusters }] = await connection.instances().listClusters({ parent }, optionsOf(table))
  const ids = (clusters ?? []).map(({ name }) => name?.split('/').at(-1) ?? '')
  if (ids.length === 1) return ids[0]!
  throw new FieldstoneError('CONFIG_INVALID', {
    seen: `online: bigtable({ cluster: undefined }), and the instance has ${ids.length === 0 ? 'no clusters' : ids.join(', ')}`,
    why: "The profile 'singleClusterAppProfile' routes to one of them.",
    mend: "Name it as 'cluster'.",
  })
}

async function unlessMissing<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking
  } catch (error) {
    if (statusOf(error) === STATUS.NOT_FOUND) return undefined
    throw error
  }
}

/** Another may have made it meanwhile. */
async function unlessThere(making: Promise<unknown>): Promise<void> {
  try {
    await making
  } catch (error) {
    if (statusOf(error) !== STATUS.ALREADY_EXISTS) throw error
  }
}
