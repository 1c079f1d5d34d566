import { outgoing } from './frames.ts'
import type { Link, Reply, Server } from './link.ts'

/** Names looked at by the server in one step of a scan, of which few may match. */
const SCAN_COUNT = 1_000

/** The names of all servers that match a pattern, some perhaps more than once. */
export async function* scanNames(link: Link, pattern: Buffer): AsyncGenerator<readonly Buffer[]> {
  for (const server of link.servers()) yield* scanServer(server, pattern)
}

async function* scanServer(server: Server, pattern: Buffer): AsyncGenerator<readonly Buffer[]> {
  let cursor = '0'
  do {
    const words = ['SCAN', cursor, 'MATCH', pattern, 'COUNT', String(SCAN_COUNT)] as const
    const [next, names] = (await server.send(outgoing(0, words))) as readonly [Buffer, readonly Reply[]]
    cursor = next.toString('latin1')
    if (names.length > 0) yield names as readonly Buffer[]
  } while (cursor !== '0')
}
