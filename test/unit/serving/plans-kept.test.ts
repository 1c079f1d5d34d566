import { afterEach, describe, expect, test } from 'vitest'
import { openWorld, type World } from './world.ts'

let world: World
afterEach(() => world.close())

async function open(options: Parameters<typeof openWorld>[0] = {}): Promise<void> {
  world = await openWorld(options)
  await world.write('airportDaily', ['SFO'], { values: { departures: 120, meanDelay: 4.5 } })
}

/** An operation under so many conditions, and its answer under one combination of them. */
function conditional(count: number) {
  const names = Array.from({ length: count }, (_, index) => `c${index}`)
  const declared = names.map((name) => `$${name}: Boolean!`).join(' ')
  // The first selection of a response key says where it stands, so the order of fields hangs on the conditions.
  const fields = names.map((name, index) => `${index % 2 === 0 ? 'all' : name}: departures @include(if: $${name})`)
  const variablesOf = (combination: number) =>
    Object.fromEntries(names.map((name, index) => [name, ((combination >> index) & 1) === 1]))
  const expectedOf = (combination: number): string => {
    const included = names.filter((_, index) => ((combination >> index) & 1) === 1)
    const keys = new Set(included.map((name) => (names.indexOf(name) % 2 === 0 ? 'all' : name)))
    const airport = Object.fromEntries([...keys].map((key) => [key, 120]))
    return JSON.stringify({ data: { airport: { ...airport, meanDelay: 4.5 } } })
  }
  return {
    text: `query(${declared}) { airport(iata: "SFO") { ${fields.join(' ')} meanDelay } }`,
    variablesOf,
    expectedOf,
  }
}

describe('code', () => {
  const TEXT = '{ airport(iata: "SFO") { departures meanDelay } }'

  async function sizesOf(times: number): Promise<readonly number[]> {
    const sizes: number[] = []
    for (let nth = 0; nth < times; nth += 1) {
      expect(await world.text(TEXT)).toBe('{"data":{"airport":{"departures":120,"meanDelay":4.5}}}')
      sizes.push(world.serving.plans.sizeBytes)
    }
    return sizes
  }

  test('is made when an operation comes a second time, and once', async () => {
    await open()
    const [first, second, third, fourth] = await sizesOf(4)
    expect(second).toBeGreaterThan(first!)
    expect([third, fourth]).toEqual([second, second])
  })

  test('is not made where the config forbids it', async () => {
    await open({ codeGeneration: false })
    expect(new Set(await sizesOf(4)).size).toBe(1)
  })

  test.each([true, false])(
    'is made for 16 combinations of conditions, and all are answered right: %s',
    async (codeGeneration) => {
      await open({ codeGeneration })
      const { text, variablesOf, expectedOf } = conditional(5)
      let grown = 0
      for (let combination = 0; combination < 32; combination += 1) {
        for (let nth = 0; nth < 3; nth += 1) {
          const before = world.serving.plans.sizeBytes
          expect(await world.text(text, variablesOf(combination))).toBe(expectedOf(combination))
          // The first time a combination is planned; the second it may get code.
          if (nth > 0 && world.serving.plans.sizeBytes > before) grown += 1
        }
      }
      expect(grown).toBe(codeGeneration ? 16 : 0)
      expect(world.serving.plans.count).toBe(1)
    },
  )

  test('and plans are bounded where there are more combinations than are kept', async () => {
    await open()
    const { text, variablesOf, expectedOf } = conditional(8)
    const sizes: number[] = []
    for (let round = 0; round < 2; round += 1) {
      for (let combination = 0; combination < 256; combination += 1) {
        expect(await world.text(text, variablesOf(combination))).toBe(expectedOf(combination))
        sizes.push(world.serving.plans.sizeBytes)
      }
    }
    expect(sizes[255]).toBe(sizes[100])
    expect(sizes.at(-1)).toBe(sizes[300])
  })
})

describe('the plans that are kept', () => {
  const adHoc = (nth: number) => `{ a${nth}: airport(iata: "SFO") { departures meanDelay } }`
  const answerOf = (nth: number) => `{"data":{"a${nth}":{"departures":120,"meanDelay":4.5}}}`

  test('never take more than they may, however many texts come, and keep what is asked for again', async () => {
    const planCacheBytes = 400_000
    await open({ planCacheBytes })
    const { plans, find } = world.serving
    const hot = '{ airport(iata: "SFO") { departures } }'
    await world.text(hot)
    let greatest = 0
    for (let nth = 0; nth < 3_000; nth += 1) {
      expect(await world.text(adHoc(nth))).toBe(answerOf(nth))
      // Every third is asked again and gets code.
      if (nth % 3 === 0) await world.text(adHoc(nth))
      if (nth % 10 === 0) await world.text(hot)
      greatest = Math.max(greatest, plans.sizeBytes)
    }
    expect(greatest).toBeLessThanOrEqual(planCacheBytes)
    expect(greatest).toBeGreaterThan(planCacheBytes / 2)
    expect(plans.count).toBeLessThan(200)
    expect([hot, adHoc(2_999), adHoc(0)].map((text) => find(text, undefined) !== undefined)).toEqual([
      true,
      true,
      false,
    ])
  })

  test('grow no further than there is room for, and so stay: neither code nor combinations drop them', async () => {
    const { text, variablesOf, expectedOf } = conditional(5)
    // A plan may take a quarter of the cache.
    const planBytes = 100 * text.length + 20_000
    await open({ planCacheBytes: 4 * planBytes })
    // Once more than once, so that it is no newcomer any more.
    for (let nth = 0; nth < 2; nth += 1) await world.text(text, variablesOf(nth))
    const sizes: number[] = []
    for (let nth = 0; nth < 96; nth += 1) {
      expect(await world.text(text, variablesOf(nth % 32))).toBe(expectedOf(nth % 32))
      expect(world.serving.find(text, undefined)).toBeDefined()
      sizes.push(world.serving.plans.sizeBytes)
    }
    expect(sizes.at(-1)).toBeLessThanOrEqual(planBytes)
    expect(new Set(sizes.slice(64)).size).toBe(1)
  })

  test('one that would take more than a quarter is not kept, so it drives out no other', async () => {
    const { text, variablesOf, expectedOf } = conditional(5)
    await open({ planCacheBytes: 3 * 100 * text.length })
    for (let nth = 0; nth < 2; nth += 1) await world.text(adHoc(0))
    for (let nth = 0; nth < 3; nth += 1) expect(await world.text(text, variablesOf(nth))).toBe(expectedOf(nth))
    expect([text, adHoc(0)].map((one) => world.serving.find(one, undefined) !== undefined)).toEqual([false, true])
  })

  test('are none where there is room for none, and all is answered', async () => {
    await open({ planCacheBytes: 1 })
    for (let nth = 0; nth < 3; nth += 1) expect(await world.text(adHoc(0))).toBe(answerOf(0))
    expect([world.serving.plans.count, world.serving.plans.sizeBytes]).toEqual([0, 0])
    expect(world.serving.find(adHoc(0), undefined)).toBeUndefined()
  })

  test('are told apart by the name of their operation', async () => {
    await open()
    const text = 'query A { airport(iata: "SFO") { departures } } query B { airport(iata: "SFO") { meanDelay } }'
    const ask = async (operationName: string): Promise<string> =>
      Buffer.from((await world.answer(text, { operationName })).body).toString()
    for (let nth = 0; nth < 3; nth += 1) {
      expect(await ask('A')).toBe('{"data":{"airport":{"departures":120}}}')
      expect(await ask('B')).toBe('{"data":{"airport":{"meanDelay":4.5}}}')
    }
    expect([undefined, 'A', 'B', 'C'].map((name) => world.serving.find(text, name) !== undefined)).toEqual([
      ...[false, true, true, false],
    ])
  })
})
