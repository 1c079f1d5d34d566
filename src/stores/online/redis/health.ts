import type { StoreHealth } from '../online-store.ts'
import { outgoing } from './frames.ts'
import type { Layout } from './layout.ts'
import { isMarked } from './layout-version.ts'
import type { Link, Reply, Server } from './link.ts'

export interface HealthDemands {
  /** Whether the servers may drop keys when they are full. */
  readonly mayEvict: boolean
}

/** Looks at every server; never rejects. */
export async function healthOf(link: Link, layout: Layout, demands: HealthDemands): Promise<StoreHealth> {
  try {
    await isMarked(link, layout)
    const all = await Promise.all(link.servers().map((server) => healthOfServer(server, demands)))
    const details = [...new Set(all.map(({ detail }) => detail))]
    return { ok: all.every(({ ok }) => ok), detail: `${link.place} answers: ${details.join('; ')}` }
  } catch (error) {
    return { ok: false, detail: `${link.place}: ${reasonOf(error)}` }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Services of clouds forbid some commands: what they do not tell is no failure. */
async function healthOfServer(server: Server, { mayEvict }: HealthDemands): Promise<StoreHealth> {
  try {
    await server.send(outgoing(0, ['PING']))
  } catch (error) {
    return { ok: false, detail: `${server.name}: ${reasonOf(error)}` }
  }
  const version = await attempt(async () => versionIn(await server.send(outgoing(0, ['INFO', 'server']))))
  const policy = await attempt(
    async () =>
      policyIn(await server.send(outgoing(0, ['CONFIG', 'GET', 'maxmemory-policy']))) ??
      policyInInfo(await server.send(outgoing(0, ['INFO', 'memory']))),
  )
  if (!mayEvict && policy !== undefined && policy !== 'noeviction') {
    return {
      ok: false,
      detail: `${server.name} removes keys when it is full (maxmemory-policy ${policy}), which would take rows away: set it to noeviction ('CONFIG SET maxmemory-policy noeviction')`,
    }
  }
  const eviction = policy ?? (mayEvict ? 'not told' : 'not told, make sure that it is noeviction')
  return { ok: true, detail: `${version ?? 'version not told'}, maxmemory-policy ${eviction}` }
}

async function attempt(ask: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await ask()
  } catch {
    return undefined
  }
}

function versionIn(info: Reply): string | undefined {
  const text = String(info)
  const valkey = /^valkey_version:(.+)\r$/m.exec(text)?.[1]
  const redis = /^redis_version:(.+)\r$/m.exec(text)?.[1]
  return valkey === undefined ? redis && `Redis ${redis}` : `Valkey ${valkey}`
}

function policyIn(config: Reply): string | undefined {
  const value = Array.isArray(config) ? (config as readonly Reply[])[1] : undefined
  return value === undefined ? undefined : String(value)
}

function policyInInfo(info: Reply): string | undefined {
  return /^maxmemory_policy:(.+)\r$/m.exec(String(info))?.[1]
}
