import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FromServing, ToServing } from '../../support/serving-process.ts'
import { NOW, openWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await write(world)
})
afterAll(() => world.close())

async function write({ write: put }: Pick<World, 'write'>): Promise<void> {
  await put('airportProfile', ['SFO'], {
    values: { name: 'San Francisco', stateCode: 'CA', latitude: 37.6, embedding: Float32Array.of(1, 2, 3) },
  })
  await put('airportDaily', ['SFO'], { values: { departures: 120, meanDelay: 4.5 } })
  await put('everyDtype', ['SFO'], { values: { isOpen: true, total: 12n, season: 'SUMMER', tags: ['a', null] } })
  await put('stateProfile', ['CA'], { values: { stateName: 'California' } })
}

const OPERATIONS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['{ airport(iata: "SFO") { iata name latitude departures isOpen total season tags embedding { values } } }', {}],
  [
    'query($keys: [AirportKey!]!) { airports(keys: $keys) { name meanDelay direction { values } state { stateName } } }',
    { keys: [{ iata: 'SFO' }, { iata: 'XXX' }, { iata: 'SFO' }] },
  ],
  ['{ airport(iata: "SFO") { fragile dependent distance(from: 10) nearness(from: 1) } }', {}],
  [
    'query($rows: [DelayModelV1Row!]!) { delayModelV1(rows: $rows) { rowCount origin { meanDelay { values statuses } name { values } } } }',
    { rows: [{ route: { origin: 'SFO', destination: 'LAX' }, origin: { iata: 'SFO' }, from: 3 }] },
  ],
  [
    'query($s: Boolean!) { airport(iata: "SFO") { name @skip(if: $s) latitude departures @include(if: $s) } }',
    { s: true },
  ],
  ['{ airport(iata: "") { name } other: airport(iata: "SFO") { featureInfo(names: [name]) { status } } }', {}],
]

/** Answers of a process that forbids code of texts, which reads from this one's store. */
async function askedThere(
  mode: 'default' | 'closures',
): Promise<{ readonly mayGenerate: boolean; readonly bodies: readonly string[] }> {
  const child = fork(fileURLToPath(new URL('../../support/serving-process.ts', import.meta.url)), [mode], {
    execArgv: ['--conditions=fieldstone-source', '--disallow-code-generation-from-strings'],
    serialization: 'advanced',
  })
  const send = (message: ToServing): void => void child.send(message)
  const bodies: string[] = []
  let mayGenerate = true
  let heard: () => void = () => {}
  child.on('message', async (message: FromServing) => {
    if (message.kind === 'read')
      return send({ kind: 'cells', id: message.id, cells: await world.store.read(message.request) })
    if (message.kind === 'ready') mayGenerate = message.mayGenerate
    else bodies.push(message.body)
    heard()
  })
  const next = (): Promise<void> => new Promise((resolve) => (heard = resolve))
  await next()
  for (const [text, variables] of OPERATIONS) {
    for (let nth = 0; nth < 3; nth += 1) {
      send({ kind: 'ask', text, variables, nowMicros: NOW })
      await next()
    }
  }
  child.kill()
  await once(child, 'exit')
  return { mayGenerate, bodies }
}

describe('where code of texts is forbidden', () => {
  test.each(['closures', 'default'] as const)('operations are answered the same, time after time: %s', async (mode) => {
    const { mayGenerate, bodies } = await askedThere(mode)
    expect(mayGenerate).toBe(false)
    const expected: string[] = []
    for (const [text, variables] of OPERATIONS) {
      for (let nth = 0; nth < 3; nth += 1) expected.push(await world.text(text, variables))
    }
    expect(bodies).toEqual(expected)
  })
})
