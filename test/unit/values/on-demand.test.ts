import { setImmediate } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { FieldstoneError } from '../../../src/errors.ts'
import { evaluateOnDemand, type OnDemandShape, parseArguments } from '../../../src/values/on-demand.ts'

function view(compute: (context: any) => any, more: Partial<OnDemandShape> = {}): OnDemandShape {
  return {
    name: 'scaled',
    entity: { name: 'Airport' },
    inputs: [{ name: 'a' }, { name: 'b' }],
    whenMissing: 'null',
    argsSchema: undefined,
    args: [],
    features: [
      { name: 'x', dtype: { kind: 'int32' }, nonFinite: 'null' },
      { name: 'y', dtype: { kind: 'float64' }, nonFinite: 'null' },
    ],
    compute,
    ...more,
  }
}
const present = (value: unknown) => ({ value, status: 'PRESENT' }) as const
const codes = (outcomes: ReturnType<typeof evaluateOnDemand>) =>
  outcomes.map((outcome) => ('error' in outcome ? outcome.error.code : outcome.status))

describe('evaluateOnDemand', () => {
  test('gives a text and a status for each feature', () => {
    const outcomes = evaluateOnDemand(
      view(({ inputs, args, nowMicros }) => ({ x: inputs.a + args.n, y: nowMicros / 2 })),
      [present(1), present(2)],
      { n: 10 },
      5,
    )
    expect(outcomes).toEqual([
      { text: '11', status: 'PRESENT' },
      { text: '2.5', status: 'PRESENT' },
    ])
  })

  test('a float that is not finite is null', () => {
    const nan = view(() => ({ x: null, y: Number.NaN }))
    expect(codes(evaluateOnDemand(nan, [present(1), present(1)], {}, 0))).toEqual(['NULL_VALUE', 'NULL_VALUE'])
  })

  test('is not called without an input; the first missing one in declared order gives the status', () => {
    const never = view(() => expect.fail('called'))
    const missing = [
      { value: null, status: 'OUTSIDE_MAX_AGE' },
      { value: null, status: 'NOT_FOUND' },
    ] as const
    expect(codes(evaluateOnDemand(never, missing, {}, 0))).toEqual(['OUTSIDE_MAX_AGE', 'OUTSIDE_MAX_AGE'])
  })

  test('a defaulted input is not missing, and whenMissing call hands the null over', () => {
    const inputs = [
      { value: 7, status: 'NOT_FOUND' },
      { value: null, status: 'NOT_FOUND' },
    ] as const
    const called = view(({ inputs: { a, b } }) => ({ x: a, y: b }), { whenMissing: 'call' })
    expect(codes(evaluateOnDemand(called, inputs, {}, 0))).toEqual(['PRESENT', 'NULL_VALUE'])
  })

  test.each([
    ['an error', new Error('boom')],
    ['no error at all', 'boom'],
    ['undefined', undefined],
    [
      'what throws when it is looked at',
      {
        get message() {
          throw new Error('again')
        },
      },
    ],
  ])('%s thrown fails each feature', (_, thrown) => {
    const outcomes = evaluateOnDemand(
      view(() => {
        throw thrown
      }),
      [present(1), present(1)],
      {},
      0,
    )
    expect(codes(outcomes)).toEqual(['ON_DEMAND_FAILED', 'ON_DEMAND_FAILED'])
  })

  test.each([
    ['a promise', async () => ({ x: 1, y: 1 }), ['ON_DEMAND_RESULT_INVALID', 'ON_DEMAND_RESULT_INVALID']],
    ['nothing', () => undefined, ['ON_DEMAND_RESULT_INVALID', 'ON_DEMAND_RESULT_INVALID']],
    ['a feature less', () => ({ x: 1 }), ['PRESENT', 'ON_DEMAND_RESULT_INVALID']],
    ['a value outside the dtype', () => ({ x: 1.5, y: 1, z: 1 }), ['ON_DEMAND_RESULT_INVALID', 'PRESENT']],
    [
      'an inherited property',
      () => Object.create({ x: 1, y: 1 }),
      ['ON_DEMAND_RESULT_INVALID', 'ON_DEMAND_RESULT_INVALID'],
    ],
  ])('%s is an invalid result', (_, compute, expected) => {
    expect(codes(evaluateOnDemand(view(compute), [present(1), present(1)], {}, 0))).toEqual(expected)
  })

  test('a getter that throws is a function that throws', () => {
    const getters = view(() => ({
      x: 1,
      get y() {
        throw new Error('boom')
      },
    }))
    expect(codes(evaluateOnDemand(getters, [present(1), present(1)], {}, 0))).toEqual([
      'ON_DEMAND_FAILED',
      'ON_DEMAND_FAILED',
    ])
  })

  test('a promise within the result is no value, of json neither', () => {
    const json = { name: 'x', dtype: { kind: 'json' }, nonFinite: 'null' } as const
    const promising = view(() => ({ x: Promise.resolve({ a: 1 }) }), { features: [json] })
    const [outcome] = evaluateOnDemand(promising, [present(1), present(1)], {}, 0)
    expect(outcome).toMatchObject({ error: { code: 'ON_DEMAND_RESULT_INVALID' } })
    expect(outcome).toMatchObject({ error: { message: expect.stringContaining("a promise stands for 'x'") } })
  })

  test('a promise that is rejected ends nothing', async () => {
    const rejections: unknown[] = []
    const listener = (reason: unknown): number => rejections.push(reason)
    process.on('unhandledRejection', listener)
    onTestFinished(() => void process.off('unhandledRejection', listener))
    const reject = async (): Promise<never> => {
      throw new Error('boom')
    }
    evaluateOnDemand(view(reject), [present(1), present(1)], {}, 0)
    evaluateOnDemand(
      view(() => ({ x: reject(), y: reject() })),
      [present(1), present(1)],
      {},
      0,
    )
    // Rejections that nobody handles are told of after the microtasks.
    await setImmediate()
    expect(rejections).toEqual([])
  })
})

describe('parseArguments', () => {
  const taking = view(() => ({}), {
    argsSchema: z.object({ n: z.number().min(1), unit: z.string().default('km') }),
    args: [{ name: 'n' }, { name: 'unit' }],
  })

  test("picks the view's own arguments, with zod's defaults", () => {
    expect(parseArguments(taking, { n: 2, other: 3 })).toEqual({ n: 2, unit: 'km' })
    expect(
      parseArguments(
        view(() => ({})),
        { n: 2 },
      ),
    ).toEqual({})
  })

  test('names the arguments that do not fit', () => {
    const parse = () => parseArguments(taking, { n: 0 })
    expect(parse).toThrow(FieldstoneError)
    expect(parse).toThrow(/arguments of view 'scaled' \(n: /)
  })
})
