/**
 * What ways to lay rows out in Redis cost: the client's CPU and the server's for a read of 100 rows, and memory. The numbers are in
 * docs/adr/0013-redis-layout.md: `node load-tests/redis-layout.ts`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Redis } from 'ioredis'
import { textTable } from '../src/cli/text-table.ts'
import { programOf, REDIS } from '../test/support/services/find-service.ts'
import { spawnServer } from '../test/support/services/spawned-server.ts'
import { createRandom, wholeBelow } from './serving/random.ts'

const KEYS = 20_000
const VIEWS = 5
const CELL_BYTES = 300
const READ_ROWS = 100
const WARM_UP_READS = 1_000
const ROUNDS = 5
const READS_A_ROUND = 1_000

/** How rows lie, and how they are read. */
interface Layout {
  readonly name: string
  fill(redis: Redis): Promise<void>
  readonly ways: readonly Way[]
}

interface Way {
  readonly name: string
  /** Reads the cells of keys; resolves with how many there were. */
  read(redis: Redis, keys: readonly number[], views: number): Promise<number>
}

const VIEW_NAMES = Array.from({ length: VIEWS }, (_, view) => `customerView${view}@1`)
const cell = Buffer.alloc(CELL_BYTES, 'x')

/** As the driver names cells: prefix, entity and key within the braces of a hash tag, and the view. */
function cellName(key: number, view: number): Buffer {
  return Buffer.from(`${rowName(key)}${VIEW_NAMES[view]}\x0f\0\0`, 'latin1')
}

function rowName(key: number): string {
  return `fieldstone:1c:{Customer\0C${String(key).padStart(8, '0')}\0}`
}

/** The bytes of a command as they go over the wire. */
function frameOf(name: string, args: readonly Uint8Array[]): Buffer {
  const pieces: Uint8Array[] = [Buffer.from(`*${args.length + 1}\r\n$${name.length}\r\n${name}\r\n`)]
  for (const arg of args) pieces.push(Buffer.from(`$${arg.byteLength}\r\n`), arg, Buffer.from('\r\n'))
  return Buffer.concat(pieces)
}

/** A command whose bytes are made by the caller. */
class FramedCommand extends Command {
  readonly #frame: Buffer

  constructor(name: string, frame: Buffer) {
    super(name, [], { replyEncoding: null })
    this.#frame = frame
  }

  override toWritable(): Buffer {
    return this.#frame
  }
}

/** MGET in one buffer, filled in one go. */
function mgetFrame(names: readonly Buffer[]): Buffer {
  const frame = Buffer.allocUnsafe(32 + names.reduce((bytes, name) => bytes + name.byteLength + 12, 0))
  let at = frame.write(`*${names.length + 1}\r\n$4\r\nMGET\r\n`, 0, 'latin1')
  for (const name of names) {
    at += frame.write(`$${name.byteLength}\r\n`, at, 'latin1')
    frame.set(name, at)
    at += name.byteLength
    frame[at] = 13
    frame[at + 1] = 10
    at += 2
  }
  return frame.subarray(0, at)
}

function send(redis: Redis, command: Command): Promise<unknown> {
  return redis.sendCommand(command) as Promise<unknown>
}

function count(found: readonly unknown[]): number {
  let there = 0
  for (const one of found) if (one !== null) there += 1
  return there
}

function namesOf(keys: readonly number[], views: number): Buffer[] {
  const names: Buffer[] = []
  for (const key of keys) for (let view = 0; view < views; view += 1) names.push(cellName(key, view))
  return names
}

async function filled(redis: Redis, write: (key: number) => readonly Command[]): Promise<void> {
  for (let start = 0; start < KEYS; start += 500) {
    const commands = Array.from({ length: 500 }, (_, index) => write(start + index)).flat()
    await Promise.all(commands.map((command) => send(redis, command)))
  }
}

const strings: Layout = {
  name: 'a string a cell',
  fill: (redis) =>
    filled(redis, (key) =>
      VIEW_NAMES.map((_, view) => new FramedCommand('set', frameOf('SET', [cellName(key, view), cell]))),
    ),
  ways: [
    { name: 'mgetBuffer', read: async (redis, keys, views) => count(await redis.mgetBuffer(namesOf(keys, views))) },
    {
      name: 'MGET framed by us',
      read: async (redis, keys, views) =>
        count((await send(redis, new FramedCommand('mget', mgetFrame(namesOf(keys, views))))) as unknown[]),
    },
  ],
}

const FIELDS = VIEW_NAMES.map((view) => Buffer.from(`${view}\0\0`, 'latin1'))
const HASH_SCRIPT = `local out = {}
local n = 0
for i = 1, #KEYS do
  local cells = redis.call('HMGET', KEYS[i], unpack(ARGV))
  for j = 1, #cells do n = n + 1; out[n] = cells[j] end
end
return out`

const hashes: Layout = {
  name: 'a hash a key',
  fill: (redis) =>
    filled(redis, (key) => [
      new FramedCommand(
        'hset',
        frameOf('HSET', [Buffer.from(rowName(key)), ...FIELDS.flatMap((field) => [field, cell])]),
      ),
    ]),
  ways: [
    {
      name: 'pipeline of hmgetBuffer',
      read: async (redis, keys, views) => {
        const pipeline = redis.pipeline()
        for (const key of keys) pipeline.hmgetBuffer(Buffer.from(rowName(key)), ...FIELDS.slice(0, views))
        const replies = await pipeline.exec()
        return replies!.reduce((sum, [, cells]) => sum + count(cells as unknown[]), 0)
      },
    },
    {
      name: 'hmgetBuffer, auto-pipelined',
      read: async (_redis, keys, views) => {
        const fields = FIELDS.slice(0, views)
        const replies = await Promise.all(keys.map((key) => piping.hmgetBuffer(Buffer.from(rowName(key)), ...fields)))
        return replies.reduce((sum, cells) => sum + count(cells), 0)
      },
    },
    {
      name: 'HMGETs framed by us, in one write',
      read: async (redis, keys, views) => {
        const fields = FIELDS.slice(0, views)
        const commands = keys.map(
          (key) => new FramedCommand('hmget', frameOf('HMGET', [Buffer.from(rowName(key)), ...fields])),
        )
        redis.stream.cork()
        const sent = commands.map((command) => send(redis, command))
        redis.stream.uncork()
        const replies = await Promise.all(sent)
        return replies.reduce<number>((sum, cells) => sum + count(cells as unknown[]), 0)
      },
    },
    {
      name: 'a script over HMGET',
      read: async (redis, keys, views) => {
        const names = keys.map((key) => Buffer.from(rowName(key)))
        const args = [Buffer.from(HASH_SCRIPT), Buffer.from(String(names.length)), ...names, ...FIELDS.slice(0, views)]
        return count((await send(redis, new FramedCommand('eval', frameOf('EVAL', args)))) as unknown[])
      },
    },
  ],
}

const rows: Layout = {
  name: 'a string a row',
  fill: (redis) =>
    filled(redis, (key) => [
      new FramedCommand(
        'set',
        frameOf('SET', [Buffer.from(rowName(key)), Buffer.alloc(VIEWS * (CELL_BYTES + 20), 'x')]),
      ),
    ]),
  ways: [
    {
      name: 'MGET framed by us',
      read: async (redis, keys, views) => {
        const frame = mgetFrame(keys.map((key) => Buffer.from(rowName(key))))
        return count((await send(redis, new FramedCommand('mget', frame))) as unknown[]) * views
      },
    },
  ],
}

interface Measured {
  readonly clientMicros: number
  readonly serverMicros: number
}

async function measure(redis: Redis, way: Way, views: number): Promise<Measured> {
  const random = createRandom(views)
  const draw = () => Array.from({ length: READ_ROWS }, () => wholeBelow(random, KEYS))
  const run = async (reads: number) => {
    for (let read = 0; read < reads; read += 1) {
      const found = await way.read(redis, draw(), views)
      if (found !== READ_ROWS * views) throw new Error(`${way.name}: ${found} cells of ${READ_ROWS * views}`)
    }
  }
  await run(WARM_UP_READS)
  const rounds: Measured[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const [server, client] = [await serverCpuMicros(redis), process.cpuUsage()]
    await run(READS_A_ROUND)
    const { user, system } = process.cpuUsage(client)
    const serverMicros = (await serverCpuMicros(redis)) - server
    rounds.push({ clientMicros: (user + system) / READS_A_ROUND, serverMicros: serverMicros / READS_A_ROUND })
  }
  return {
    clientMicros: median(rounds.map(({ clientMicros }) => clientMicros)),
    serverMicros: median(rounds.map(({ serverMicros }) => serverMicros)),
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

async function serverCpuMicros(redis: Redis): Promise<number> {
  const info = await redis.info('cpu')
  const seconds = ['used_cpu_user', 'used_cpu_sys'].map((name) =>
    Number(new RegExp(`^${name}:(.*)\r$`, 'm').exec(info)![1]),
  )
  return (seconds[0]! + seconds[1]!) * 1e6
}

async function usedMemory(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))![1])
}

async function run(redis: Redis): Promise<void> {
  const lines: string[][] = []
  for (const layout of [strings, hashes, rows]) {
    await redis.flushall()
    const before = await usedMemory(redis)
    await layout.fill(redis)
    const bytes = (await usedMemory(redis)) - before
    console.log(`${layout.name}: ${(bytes / KEYS / VIEWS).toFixed(0)} bytes of memory a cell of ${CELL_BYTES}`)
    for (const way of layout.ways) {
      for (const views of [1, VIEWS]) {
        const { clientMicros, serverMicros } = await measure(redis, way, views)
        lines.push([layout.name, way.name, String(views), clientMicros.toFixed(0), serverMicros.toFixed(0)])
      }
    }
  }
  const head = ['layout', `${READ_ROWS} rows read by`, 'views', 'client µs', 'server µs']
  for (const line of ['', ...textTable(head, lines)]) console.log(line)
}

const folder = await mkdtemp(join(tmpdir(), 'redis-layout-'))
const server = await spawnServer({ program: await programOf(REDIS), words: (port) => REDIS.words(port, folder) })
const redis = new Redis({ port: server.port, host: '127.0.0.1' })
const piping = new Redis({ port: server.port, host: '127.0.0.1', enableAutoPipelining: true })
try {
  await run(redis)
} finally {
  redis.disconnect()
  piping.disconnect()
  await server.stop()
  await rm(folder, { recursive: true })
}
