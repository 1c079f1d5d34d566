import { describe, expect, test } from 'vitest'
import { FieldstoneError } from '../../../src/errors.ts'
import { env, resolveEnv } from '../../../src/registry/env.ts'

describe('env', () => {
  test('is data: nothing is looked up until the options are resolved', () => {
    expect(env('A_SECRET')).toEqual({ kind: 'env', name: 'A_SECRET', fallback: undefined })
    expect(Object.isFrozen(env('A_SECRET'))).toBe(true)
  })

  test('is resolved wherever it stands in the options', () => {
    const options = { path: env('HERE'), nested: { list: [env('THERE'), 'as it is', 1] } }
    expect(resolveEnv(options, { HERE: '/here', THERE: '/there' })).toEqual({
      path: '/here',
      nested: { list: ['/there', 'as it is', 1] },
    })
    expect(options.path).toEqual(env('HERE'))
  })

  test('takes the fallback where the variable is not set, and an empty variable is set', () => {
    expect(resolveEnv([env('A', 'x'), env('B', 'x'), env('C', '')], { A: '', B: undefined })).toEqual(['', 'x', ''])
  })

  test('what is no plain data is left as it is', () => {
    const [date, open] = [new Date(0), () => 1]
    const resolved = resolveEnv({ date, open, none: null, undefined: undefined }, {})
    expect(resolved.date).toBe(date)
    expect(resolved.open).toBe(open)
    expect(resolved).toEqual({ date, open, none: null, undefined: undefined })
  })

  test('a variable that is not set is a coded error that names it', () => {
    const resolve = () => resolveEnv({ password: env('FEATURES_PASSWORD') }, {})
    expect(resolve).toThrow(FieldstoneError)
    expect(resolve).toThrow(
      "env('FEATURES_PASSWORD'): The config names it by env(). Set FEATURES_PASSWORD, or give it a default: env('FEATURES_PASSWORD', '…').",
    )
  })
})
