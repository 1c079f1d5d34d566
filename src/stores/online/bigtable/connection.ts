import type { v2 } from '@google-cloud/bigtable'
import { FieldstoneError } from '../../../errors.ts'
import { mayPass, statusOf } from './failures.ts'
import type { BigtableSettings } from './settings.ts'

export type Library = typeof import('@google-cloud/bigtable')
export type TableAdmin = v2.BigtableTableAdminClient
export type InstanceAdmin = v2.BigtableInstanceAdminClient

/** Headers of a call, as grpc has them. */
export interface CallMetadata {
  clone(): CallMetadata
  set(name: string, value: string): void
}

/** A stream of answers, as grpc has it. */
export interface AnswerStream {
  on(event: 'data', listener: (answer: never) => void): void
  on(event: 'error', listener: (error: Error) => void): void
  on(event: 'end', listener: () => void): void
  cancel(): void
}

interface Method {
  readonly path: string
  readonly requestSerialize: (request: object) => Buffer
  readonly responseDeserialize: (answer: Buffer) => object
}

/** What the library's client gives by `initialize`: grpc's client of the service, made with the library's credentials and settings. */
interface Stub {
  makeServerStreamRequest(...call: readonly unknown[]): AnswerStream
  makeUnaryRequest(...call: readonly unknown[]): { cancel(): void }
}

/** One connection to the service. */
export interface Channel {
  readonly stub: Stub
  readonly methods: Readonly<Record<string, Method>>
  /** Those that the library puts on its own calls; they say what client it is. */
  readonly metadata: CallMetadata
}

/** The clients of one endpoint, shared by the stores of this process. */
export interface Connection {
  /** One after another: calls are spread over them. */
  next(): Channel
  readonly tables: () => TableAdmin
  readonly instances: () => InstanceAdmin
  /** The last store that lets go closes it. */
  release(): Promise<void>
}

interface Shared {
  readonly opening: Promise<Omit<Connection, 'release'> & { close(): Promise<void> }>
  stores: number
}

const shared = new Map<string, Shared>()

/** Opens the endpoint's clients, or takes those that are open. */
export async function connect(library: Library, settings: BigtableSettings): Promise<Connection> {
  const { emulatorHost, endpoint, credentials, keyFile, channels, project, instance } = settings
  const id = JSON.stringify([emulatorHost, endpoint, credentials, keyFile, channels, project, instance])
  const found = shared.get(id) ?? { opening: openClients(library, settings), stores: 0 }
  shared.set(id, found)
  found.stores += 1
  async function release(): Promise<void> {
    found!.stores -= 1
    if (found!.stores > 0) return
    if (shared.get(id) === found) shared.delete(id)
    await (await found!.opening).close()
  }
  try {
    return { ...(await found.opening), release }
  } catch (error) {
    if (shared.get(id) === found) shared.delete(id)
    throw error
  }
}

type ClientOptions = ConstructorParameters<typeof v2.BigtableClient>[0]

async function openClients(library: Library, settings: BigtableSettings) {
  const options = clientOptions(library, settings)
  const clients = Array.from({ length: settings.channels }, () => dataClient(library, options))
  const admins: { readonly close: () => Promise<void> }[] = []
  const close = async () => {
    await Promise.all([...clients.map(({ client }) => client.close()), ...admins.map((admin) => admin.close())])
  }
  const adminOptions = {
    ...options,
    ...(settings.emulatorHost === undefined ? { servicePath: 'bigtableadmin.googleapis.com', port: 443 } : {}),
  }
  const admin = <T extends { close(): Promise<void> }>(make: () => T) => {
    let made: T | undefined
    return (): T => {
      if (made === undefined) {
        made = make()
        admins.push(made)
      }
      return made
    }
  }
  try {
    const channels = await Promise.all(clients.map((client) => openChannel(client, settings)))
    let turn = 0
    return {
      next: () => {
        turn = (turn + 1) % channels.length
        return channels[turn]!
      },
      tables: admin(() => new library.v2.BigtableTableAdminClient(adminOptions)),
      instances: admin(() => new library.v2.BigtableInstanceAdminClient(adminOptions)),
      close,
    }
  } catch (error) {
    await close().catch(() => undefined)
    throw error
  }
}

/** Of connections that are lost: the library's own would leave a store that is back alone for up to two minutes. */
const RECONNECT = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
} as const
/** A connection that says nothing is found out though no call waits on it. */
const KEEP_ALIVE = { 'grpc.keepalive_time_ms': 30_000, 'grpc.keepalive_timeout_ms': 10_000 } as const

function clientOptions(library: Library, settings: BigtableSettings): NonNullable<ClientOptions> {
  const { project, emulatorHost, endpoint, credentials, keyFile } = settings
  const common = { projectId: project, ...RECONNECT, ...KEEP_ALIVE, 'grpc.use_local_subchannel_pool': 1 }
  if (emulatorHost !== undefined) return { ...common, ...emulatorOptions(library, emulatorHost) }
  const [servicePath, port = '443'] = endpoint?.split(':') ?? ['bigtable.googleapis.com']
  return {
    ...common,
    ...{ servicePath: servicePath!, port: Number(port) },
    ...(credentials === undefined ? {} : { credentials }),
    ...(keyFile === undefined ? {} : { keyFilename: keyFile }),
  }
}

/** The library's own way to an emulator, without TLS; nobody asks who we are, and no server of metadata either. */
function emulatorOptions(library: Library, apiEndpoint: string): object {
  const { options } = new library.Bigtable({ apiEndpoint, projectId: 'emulator', metricsEnabled: false })
  const { sslCreds, servicePath, port } = options.BigtableClient as Record<string, unknown>
  return { sslCreds, servicePath, port, credentials: { client_email: 'emulator', private_key: 'none' } }
}

interface CallProperties {
  readonly metadata: CallMetadata
}

interface DataClient {
  readonly client: v2.BigtableClient
  /** Of the last call that the library itself made. */
  readonly metadata: () => CallMetadata | undefined
}

function dataClient(library: Library, options: NonNullable<ClientOptions>): DataClient {
  let metadata: CallMetadata | undefined
  const client = new library.v2.BigtableClient({
    ...options,
    'grpc.callInvocationTransformer': (call: CallProperties) => {
      metadata ??= call.metadata.clone()
      return call
    },
  })
  return { client, metadata: () => metadata }
}

/** Connects, and lets the service make ready for the instance. A service that does not answer now may later, so that is no failure. */
async function openChannel({ client, metadata }: DataClient, settings: BigtableSettings): Promise<Channel> {
  const stub = (await client.initialize()) as unknown as Stub
  const { project, instance, appProfile, readTimeoutMillis } = settings
  const name = `projects/${project}/instances/${instance}`
  const warming = client.pingAndWarm(
    { name, ...(appProfile === undefined ? {} : { appProfileId: appProfile }) },
    { timeout: readTimeoutMillis, retry: null },
  )
  await warming.catch((error: unknown) => {
    if (!mayPass(error) && statusOf(error) === undefined) throw error
  })
  const base = metadata()
  if (base === undefined)
    throw new FieldstoneError('STORE_UNAVAILABLE', { seen: name, why: 'The library made no call.' })
  const { service } = stub.constructor as unknown as { readonly service: Readonly<Record<string, Method>> }
  return { stub, methods: service, metadata: base }
}
