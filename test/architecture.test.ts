import { readdirSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exportsOf, importsOf, REPOSITORY, type SourceImport, sourceFiles } from './support/source-imports.ts'

/** The table of ARCHITECTURE.md: what each room may import besides lib and errors. `:types` admits types alone. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  errors: [],
  definitions: [],
  values: ['definitions:types'],
  registry: ['definitions', 'online port:types', 'offline port:types'],
  'online port': ['definitions:types'],
  'offline port': ['definitions:types'],
  'online codecs': ['definitions:types', 'values', 'online port'],
  'online driver': ['online port', 'online codecs'],
  'offline sql': ['definitions:types', 'offline port'],
  'offline driver': ['definitions:types', 'offline port', 'offline sql'],
  sdl: ['registry', 'definitions'],
  serving: ['registry', 'definitions', 'values', 'sdl', 'online codecs', 'online port:types'],
  materialize: ['registry', 'definitions', 'values', 'online codecs', 'online port:types', 'offline port'],
  testing: ['registry', 'definitions', 'values'],
  server: ['sdl', 'serving', 'registry', 'online port:types', 'online codecs:types', 'offline port:types'],
  index: [
    'definitions',
    'registry',
    'testing',
    'online driver',
    'offline driver',
    'online port:types',
    'offline port:types',
  ],
}

/** Drivers and the one npm library that each loads, if any. */
const DRIVERS: Readonly<Record<string, { readonly room: string; readonly library: string | undefined }>> = {
  'src/stores/online/lmdb.ts': { room: 'online driver', library: 'lmdb' },
  'src/stores/online/redis.ts': { room: 'online driver', library: 'ioredis' },
  'src/stores/online/bigtable.ts': { room: 'online driver', library: '@google-cloud/bigtable' },
  'src/stores/online/memory.ts': { room: 'online driver', library: undefined },
  'src/stores/online/cache.ts': { room: 'online driver', library: undefined },
  'src/stores/offline/duckdb.ts': { room: 'offline driver', library: '@duckdb/node-api' },
}

/** npm packages by the room that may use them; node: modules are open to all. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  definitions: ['zod'],
  registry: ['zod'],
  values: ['zod'],
  testing: ['zod'],
  sdl: ['graphql', '@apollo/subgraph'],
  serving: ['graphql', 'dataloader'],
  server: [
    ...['graphql', '@apollo/server', 'fastify', 'negotiator', 'pino', '@graphql-yoga/render-graphiql'],
    ...['prom-client', '@opentelemetry/api'],
  ],
  cli: [
    '@opentelemetry/sdk-trace',
    '@opentelemetry/exporter-trace-otlp-http',
    '@opentelemetry/api',
    'graphql',
    'commander',
    'cli-progress',
    'chokidar',
    'pino',
    'zod',
  ],
}

const files = sourceFiles('src')
const imports = files.flatMap(importsOf)

function roomOf(file: string): string {
  const driver = Object.entries(DRIVERS).find(([path]) => file === path || file.startsWith(path.replace(/\.ts$/, '/')))
  if (driver !== undefined) return driver[1].room
  if (file === 'src/errors.ts' || file === 'src/error-catalogue.ts') return 'errors'
  if (file === 'src/index.ts') return 'index'
  if (file.startsWith('src/stores/')) return storeRoom(file)
  return file.split('/')[1]!
}

function storeRoom(file: string): string {
  const side = file.split('/')[2]!
  if (/\/(online|offline)-store\.ts$/.test(file)) return `${side} port`
  return side === 'online' ? 'online codecs' : 'offline sql'
}

function isAllowed(found: SourceImport): boolean {
  const [from, to] = [roomOf(found.from), roomOf(found.to)]
  if (from === to || from === 'cli' || to === 'lib' || to === 'errors') return true
  return MAY_IMPORT[from]!.includes(to) || (found.typeOnly && MAY_IMPORT[from]!.includes(`${to}:types`))
}

describe('who may import whom', () => {
  test('the table of ARCHITECTURE.md holds', () => {
    const broken = imports.filter((found) => !found.isPackage && !isAllowed(found))
    expect(broken.map(({ from, to, typeOnly }) => `${from} -> ${to}${typeOnly ? ' (types)' : ''}`)).toEqual([])
  })

  test('a driver imports no other driver', () => {
    const broken = imports.filter(
      (found) =>
        !found.isPackage &&
        roomOf(found.from).endsWith(' driver') &&
        roomOf(found.to).endsWith(' driver') &&
        driverName(found.from) !== driverName(found.to),
    )
    expect(broken.map(({ from, to }) => `${from} -> ${to}`)).toEqual([])
  })

  test('packages stay in their rooms, and a driver loads its one library lazily', () => {
    const broken = imports.filter((found) => found.isPackage && !found.to.startsWith('node:') && !mayUse(found))
    expect(broken.map(({ from, to }) => `${from} -> ${to}`)).toEqual([])
  })

  test('there are no cycles', () => {
    expect(cycles()).toEqual([])
  })
})

function driverName(file: string): string {
  return Object.keys(DRIVERS).find((path) => file === path || file.startsWith(path.replace(/\.ts$/, '/'))) ?? ''
}

function mayUse(found: SourceImport): boolean {
  const driver = DRIVERS[driverName(found.from)]
  if (driver !== undefined) return found.to === driver.library && (found.lazy || found.typeOnly)
  return (PACKAGES[roomOf(found.from)] ?? []).includes(found.to)
}

/** Cycles among run-time imports; types alone may look both ways. */
function cycles(): readonly string[] {
  const edges = new Map(
    files.map((file) => [file, importsOf(file).filter((found) => !found.isPackage && !found.typeOnly)]),
  )
  const done = new Set<string>()
  const found: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (path.includes(file) || done.has(file)) return
    for (const { to } of edges.get(file) ?? []) visit(to, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  return found
}

describe('how files are kept', () => {
  test('no default exports and no export *', () => {
    expect(files.filter((file) => exportsOf(file).hasDefault || exportsOf(file).hasStar)).toEqual([])
  })

  test('files are kebab-case and say what they hold', () => {
    const vague = new Set(['utils.ts', 'helpers.ts', 'types.ts', 'common.ts', 'misc.ts'])
    const broken = files.filter(
      (file) => vague.has(basename(file)) || !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(basename(file)),
    )
    expect(broken).toEqual([])
  })

  test('the environment is read in cli alone', () => {
    const broken = files.filter((file) => !file.startsWith('src/cli/') && /process\.env/.test(text(file)))
    expect(broken).toEqual([])
  })

  test('the wall clock is asked in lib/clock.ts and at the edge alone', () => {
    const broken = files.filter(
      (file) => !/^src\/(lib\/clock\.ts|cli\/)/.test(file) && /Date\.now|new Date\(\)/.test(text(file)),
    )
    expect(broken).toEqual([])
  })

  test('every room has its line in src/README.md, and every line its room', () => {
    const rooms = readdirSync(resolve(REPOSITORY, 'src'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    )
    const lines = [...text('src/README.md').matchAll(/^\| `([a-z]+)\/`/gm)].map((match) => match[1]!)
    expect(lines.toSorted()).toEqual(rooms.map((room) => room.name).toSorted())
  })

  test('a port has at most eight methods', () => {
    for (const [file, port] of [
      ['src/stores/online/online-store.ts', 'OnlineStore'],
      ['src/stores/offline/offline-store.ts', 'OfflineStore'],
    ] as const) {
      const body = new RegExp(`export interface ${port} \\{([\\s\\S]*?)\\n\\}`).exec(text(file))![1]!
      expect([...body.matchAll(/^ {2}\w+\(/gm)].length).toBeLessThanOrEqual(8)
    }
  })

  test('no path of a machine, no unfinished work', () => {
    const broken = [...files, ...sourceFiles('test'), ...sourceFiles('schema')].filter((file) =>
      /(^|[\s'"`(])\/(home|root|work|Users)\/|\bFIX(ME)\b|\bTO(DO)\b/.test(text(file)),
    )
    expect(broken).toEqual([])
  })
})

function text(file: string): string {
  return readFileSync(resolve(REPOSITORY, file), 'utf8')
}
