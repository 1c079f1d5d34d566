import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { catalogue } from '../error-catalogue.ts'
import { FieldstoneError, FieldstoneErrors } from '../errors.ts'
import { assertColumns, columnsOf } from '../materialize/row-decoder.ts'
import type { RegistryBatchView } from '../registry/registry.ts'
import type { OfflineStore } from '../stores/offline/offline-store.ts'
import { assertApplied } from '../stores/online/deployment.ts'
import type { StoreHealth } from '../stores/online/online-store.ts'
import { checkSchema } from './generate.ts'
import { type Deployment, findConfig, loadDeployment } from './load-config.ts'
import { type Online, openOffline, openOnline } from './open-stores.ts'
import { batchViews } from './planned-changes.ts'

/** One line of `doctor`. */
export interface Finding {
  readonly subject: string
  readonly ok: boolean
  readonly detail: string
  /** Undefined exactly where it is ok. */
  readonly mend: string | undefined
}

/** Least version of Node that runs a config's TypeScript as it stands. */
const LEAST_NODE = [22, 18] as const

/** Looks at everything that can be wrong, in the order in which it matters; what hangs on something broken is left out. */
export async function* examine(config: string | undefined): AsyncGenerator<Finding> {
  yield nodeVersion()
  const deployment = yield* attempt('config', () => loadDeployment(config), describeDeployment)
  if (deployment === undefined) return
  yield oneGraphql(findConfig(config))
  yield* attempt(
    'schema file',
    () => checkSchema(deployment),
    ({ file }) => `${file} is up to date`,
  )
  yield* examineOnline(deployment)
  yield* examineOffline(deployment)
}

function describeDeployment({ configFile, config, registry }: Deployment): string {
  const views = registry.entities.flatMap((entity) => [...entity.batchViews, ...entity.onDemandViews])
  const counts = [
    counted(registry.entities, 'entity', 'entities'),
    counted(views, 'view'),
    counted(registry.services, 'service'),
  ]
  return `${configFile}: ${counts.join(', ')}, clock ${config.clock.description}`
}

function counted(things: readonly unknown[], one: string, many = `${one}s`): string {
  return `${things.length} ${things.length === 1 ? one : many}`
}

/** Tries something: one finding for its success, unless there is nothing to tell of it, or one for each of its errors. */
async function* attempt<T>(
  subject: string,
  work: () => Promise<T>,
  describe: (result: T) => string | undefined,
): AsyncGenerator<Finding, T | undefined> {
  try {
    const result = await work()
    const detail = describe(result)
    if (detail !== undefined) yield good(subject, detail)
    return result
  } catch (error) {
    for (const one of error instanceof FieldstoneErrors ? error.errors : [error]) yield failure(subject, one)
    return undefined
  }
}

function good(subject: string, detail: string): Finding {
  return { subject, ok: true, detail, mend: undefined }
}

function bad(subject: string, detail: string, mend: string): Finding {
  return { subject, ok: false, detail, mend }
}

function failure(subject: string, error: unknown): Finding {
  if (!(error instanceof FieldstoneError)) {
    return bad(subject, error instanceof Error ? error.message : String(error), 'Run the command again with --verbose.')
  }
  const { seen, why, mend } = error.details
  const entry = catalogue[error.code]
  return bad(subject, `${error.code}  ${seen}: ${why ?? entry.why}`, mend ?? entry.mend)
}

/** What a step describes that has more to tell further on. */
function nothing(): undefined {}

function health(subject: string, { ok, detail, mend }: StoreHealth): Finding {
  return ok ? good(subject, detail) : bad(subject, detail, mend ?? catalogue.STORE_UNAVAILABLE.mend)
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [leastMajor, leastMinor] = LEAST_NODE
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return good('node', process.version)
  return bad('node', process.version, `Use Node ${LEAST_NODE.join('.')} or later.`)
}

/** Types of one copy of graphql are refused by another. */
function oneGraphql(configFile: string): Finding {
  const [own, theirs] = [import.meta.url, configFile].map(graphqlOf)
  if (theirs === undefined) return bad('graphql', 'not installed beside the config', 'npm install graphql@16')
  if (own === theirs) return good('graphql', 'one copy')
  return bad('graphql', `two copies, ${own} and ${theirs}`, "Run 'npm dedupe', or ask for one version of graphql.")
}

function graphqlOf(from: string): string | undefined {
  try {
    return realpathSync(createRequire(from).resolve('graphql'))
  } catch {
    return undefined
  }
}

async function* examineOnline(deployment: Deployment): AsyncGenerator<Finding> {
  const online = yield* attempt('online store', () => openOnline(deployment), nothing)
  if (online === undefined) return
  try {
    yield health('online store', await online.store.health())
    for (const view of batchViews(deployment)) yield* examineApplied(online, view)
  } finally {
    await online.store.close()
  }
}

function examineApplied({ records }: Online, view: RegistryBatchView): AsyncGenerator<Finding> {
  return attempt(
    `view ${view.id}`,
    () => assertApplied(records, view),
    () => 'applied as it is defined',
  )
}

async function* examineOffline(deployment: Deployment): AsyncGenerator<Finding> {
  if (deployment.config.offline === undefined) return
  const offline = yield* attempt('offline store', () => openOffline(deployment), nothing)
  if (offline === undefined) return
  try {
    yield health('offline store', await offline.health())
    for (const view of batchViews(deployment)) yield* examineSource(offline, view)
  } finally {
    await offline.close()
  }
}

function examineSource(offline: OfflineStore, view: RegistryBatchView): AsyncGenerator<Finding> {
  return attempt(
    `source of ${view.name}`,
    async () => {
      const columns = await offline.describe(view.source.from)
      assertColumns(view, { columns: columnsOf(view) }, columns)
      return columns
    },
    (columns) => `${columns.length} columns`,
  )
}
