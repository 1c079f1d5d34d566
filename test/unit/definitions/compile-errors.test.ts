import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { REPOSITORY } from '../../support/source-imports.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** Mistakes, each in a file of its own line, with what the compiler says of it to its author. */
const MISTAKES: readonly (readonly [source: string, said: string])[] = [
  ["entity('A', { keys: { a: float64() } })", "a key is string(), int64() or uuid(); 'a' is float64()"],
  [
    "entity('A', { keys: { a: string() }, references: { b: ref(airport, { iata: 'c' }) } })",
    "'c' is not a key of this entity; a stored feature is named by heldBy('…')",
  ],
  [
    "entity('A', { keys: { a: string() }, references: { b: airport } })",
    'a reference is made by ref(target, { targetKey: ownKey })',
  ],
  [
    "batchView('v', { entity: airport, source: staticTable({ table: 't' }), features: { iata: int32() } })",
    "'iata' is a key of Airport; a feature needs a name of its own",
  ],
  [
    "batchView('v', { entity: airport, source: staticTable({ table: 't' }), features: { n: int32(), n: float64() } })",
    'An object literal cannot have multiple properties with the same name.',
  ],
  [
    "batchView('v', { entity: airport, source: staticTable({ table: 't' }), ttl: '1d', features: { n: int32() } })",
    'a staticTable has no time, so no ttl',
  ],
  [
    "batchView('v', { entity: airport, source: staticTable({ table: 't' }), retention: '1d', features: { n: int32() } })",
    'a staticTable has no time, so no retention',
  ],
  [
    "batchView('v', { entity: airport, source: staticTable({ table: 't', keys: { icao: 'code' } }), features: { n: int32() } })",
    "'icao' is not a key of Airport",
  ],
  [
    "onDemandView('v', { entity: route, inputs: { n: daily.features.n }, features: { x: int32() }, compute: () => ({ x: 1 }) })",
    "'n' is a feature of Airport; inputs are features of Route",
  ],
  [
    "onDemandView('v', { entity: airport, inputs: { n: daily }, features: { x: int32() }, compute: () => ({ x: 1 }) })",
    'an input is a feature; write someView.features.name',
  ],
  [
    "featureService('s', { roles: { airport }, features: { airport: [daily.features.n], other: [] } })",
    "'other' is not one of the service's roles",
  ],
  [
    "featureService('s', { roles: { route }, features: { route: [daily.features.n] } })",
    "role 'route' is a Route: it takes features of Route alone",
  ],
]

const PRELUDE = `
import { batchView, entity, featureService, float64, int32, onDemandView, ref, staticTable, string } from 'fieldstone'
const airport = entity('Airport', { keys: { iata: string() } })
const route = entity('Route', { keys: { origin: string() } })
const daily = batchView('daily', { entity: airport, source: staticTable({ table: 't' }), features: { n: int32() } })
`

let said: readonly string[]

beforeAll(async () => {
  const folder = await temporaryFolder()
  await symlink(resolve(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
  const compilerOptions = {
    paths: { fieldstone: [resolve(REPOSITORY, 'src/index.ts')] },
    types: ['node'],
    noErrorTruncation: true,
  }
  const config = { extends: resolve(REPOSITORY, 'tsconfig.json'), compilerOptions, include: ['*.ts'] }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await Promise.all(
    MISTAKES.map(([source], index) => writeFile(join(folder, `mistake${index}.ts`), `${PRELUDE}${source}\n`)),
  )
  said = wordsByFile(await compile(folder))
})

/** What the compiler says of each mistake; lines that begin with a space continue the one before. */
function wordsByFile(output: string): readonly string[] {
  const errors = output.split(/\n(?=\S)/)
  return MISTAKES.map((_, index) => errors.filter((error) => error.includes(`mistake${index}.ts(`)).join('\n'))
}

function compile(folder: string): Promise<string> {
  const compiler = resolve(REPOSITORY, 'node_modules/.bin/tsc')
  return new Promise((done) => execFile(compiler, ['--noEmit', '-p', folder], (_error, stdout) => done(stdout)))
}

test.each(MISTAKES.map(([source, words], index) => ({ source, words, index })))('$source', ({ words, index }) => {
  expect(said[index]).toContain(words)
  expect(said[index]!.match(/error TS/g)).toHaveLength(1)
})

test('every message that definitions have for their authors is among them', async () => {
  const files = globSync('src/definitions/*.ts', { cwd: REPOSITORY })
  const texts = await Promise.all(files.map((name) => readFile(resolve(REPOSITORY, name), 'utf8')))
  const messages = texts.flatMap((text) =>
    [...text.matchAll(/DefinitionTypeError<(['`])(.+)\1>/g)].map((found) => found[2]!),
  )
  const isTold = (message: string): boolean => {
    const fixed = message.split(/\$\{[^}]*\}/)
    return MISTAKES.some(([, words]) => fixed.every((part) => words.includes(part)))
  }
  expect(messages.length).toBeGreaterThan(5)
  expect(messages.filter((message) => !isTold(message))).toEqual([])
})
