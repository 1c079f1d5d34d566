import { FieldstoneError } from '../../../errors.ts'
import type { StoreHealth } from '../online-store.ts'
import { coded } from './failures.ts'
import { outgoing, type Word } from './frames.ts'
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
    const bad = all.filter(({ ok }) => !ok)
    // Servers of a cluster are mostly alike.
    const details = [...new Set((bad.length > 0 ? bad : all).map(({ detail }) => detail))].join('; ')
    if (bad.length > 0) return { ...bad[0]!, detail: details }
    return { ok: true, detail: `${link.place} answers: ${details}` }
  } catch (error) {
    return { ok: false, detail: `${link.place}: ${reasonOf(coded(error, link))}` }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof FieldstoneError && error.code === 'STORE_UNAVAILABLE') return error.details.why!
  return error instanceof Error ? error.message : String(error)
}

async function healthOfServer(server: Server, { mayEvict }: HealthDemands): Promise<StoreHealth> {
  try {
    await server.send(outgoing(0, ['PING']))
  } catch (error) {
    return { ok: false, detail: `${server.name}: ${reasonOf(error)}` }
  }
  const version = versionIn(await told(server, ['INFO', 'server']))
  const policy =
    policyIn(await told(server, ['INFO', 'memory'])) ??
    policyIn(await told(server, ['CONFIG', 'GET', 'maxmemory-policy']))
  if (!mayEvict && policy !== undefined && policy !== 'noeviction') {
    return {
      ok: false,
      detail: `${server.name}: its maxmemory-policy is ${policy}, so it drops rows when it is full`,
      mend: "Set it to noeviction in the server's configuration; at once by 'CONFIG SET maxmemory-policy noeviction'.",
    }
  }
  const eviction = policy ?? (mayEvict ? 'not told' : 'not told, make sure that it is noeviction')
  return { ok: true, detail: `${version ?? 'version not told'}, maxmemory-policy ${eviction}` }
}

/** Services of clouds forbid some commands: what they do not tell is no failure. */
async function told(server: Server, words: readonly [string, ...Word[]]): Promise<string> {
  try {
    return textOf(await server.send(outgoing(0, words)))
  } catch {
    return ''
  }
}

/** The lines of INFO, or the name and value of CONFIG GET as one. */
function textOf(reply: Reply): string {
  return Array.isArray(reply) ? `${reply.map(String).join(':')}\r\n` : String(reply)
}

function versionIn(info: string): string | undefined {
  const [valkey, redis] = ['valkey_version', 'redis_version'].map((name) => lineOf(info, name))
  return valkey === undefined ? redis && `Redis ${redis}` : `Valkey ${valkey}`
}

function policyIn(text: string): string | undefined {
  return lineOf(text, 'maxmemory[_-]policy')
}

function lineOf(text: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.+)\r$`, 'm').exec(text)?.[1]
}
