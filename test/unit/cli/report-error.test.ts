import { describe, expect, test } from 'vitest'
import { EXIT_CODES, exitCodeOf } from '../../../src/cli/exit-codes.ts'
import { reportError } from '../../../src/cli/report-error.ts'
import { catalogue } from '../../../src/error-catalogue.ts'
import { type ErrorCode, FieldstoneError, FieldstoneErrors } from '../../../src/errors.ts'

function report(error: unknown, verbose = false): { readonly code: number; readonly lines: readonly string[] } {
  const lines: string[] = []
  const terminal = { print: () => {}, note: (line: string) => lines.push(line), isInteractive: false }
  return { code: reportError(error, terminal, verbose), lines }
}

describe('what a person sees of an error', () => {
  test('its code, what was seen, why and the mend, and no stack', () => {
    const { code, lines } = report(new FieldstoneError('CONFIG_NOT_FOUND', { seen: 'no file x', why: 'Because.' }))
    expect(code).toBe(1)
    expect(lines).toEqual([
      'error CONFIG_NOT_FOUND  no file x',
      '  why   Because.',
      `  mend  ${catalogue.CONFIG_NOT_FOUND.mend}`,
    ])
  })

  test('--verbose shows the stack and its causes', () => {
    const cause = new TypeError('deep')
    const { lines } = report(new FieldstoneError('SOURCE_INVALID', { seen: 'x', cause }), true)
    expect(lines.join('\n')).toMatch(/report-error\.test[\s\S]*caused by TypeError: deep/)
  })

  test('many errors are all printed, and counted', () => {
    const errors = ['a', 'b'].map((seen) => new FieldstoneError('DEFINITION_INVALID', { seen }))
    const { code, lines } = report(new FieldstoneErrors(errors))
    expect(code).toBe(1)
    expect(lines.filter((line) => line.startsWith('error'))).toHaveLength(2)
    expect(lines.at(-1)).toBe('2 errors')
  })

  test('anything else is a bug', () => {
    const { code, lines } = report(new TypeError('x is undefined'))
    expect(code).toBe(70)
    expect(lines.join(' ')).toMatch(/x is undefined .*bug/)
  })
})

describe('exit codes', () => {
  test('each has one number', () => {
    const codes = Object.values(EXIT_CODES).map(({ code }) => code)
    expect(new Set(codes).size).toBe(codes.length)
  })

  test('every code of the catalogue has one, and none is 0', () => {
    for (const [code, { retryable }] of Object.entries(catalogue)) {
      expect(exitCodeOf(code as ErrorCode, retryable)).toBeGreaterThan(0)
    }
    expect(exitCodeOf('LEASE_HELD', true)).toBe(5)
    expect(exitCodeOf('ROWS_REJECTED', false)).toBe(4)
    expect(exitCodeOf('SCHEMA_OUTDATED', false)).toBe(3)
    expect(exitCodeOf('USAGE', false)).toBe(2)
  })
})
