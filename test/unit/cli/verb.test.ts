import { describe, expect, test } from 'vitest'
import { instant, nameList, portNumber, wholeNumber } from '../../../src/cli/verb.ts'

describe('words of the command line', () => {
  test('an instant is RFC 3339 or a date', () => {
    expect(instant('2001-07-01')).toBe(Date.UTC(2001, 6, 1) * 1000)
    expect(instant('2001-07-01T06:00:00.000001Z')).toBe(Date.UTC(2001, 6, 1, 6) * 1000 + 1)
    expect(() => instant('yesterday')).toThrow("Write it like '2001-07-01'")
  })

  test('a port is 0 to 65535', () => {
    expect(portNumber('0')).toBe(0)
    expect(() => portNumber('65536')).toThrow('0 to 65535')
    expect(() => portNumber('http')).toThrow('whole number')
  })

  test('a count is whole and not too small', () => {
    expect(wholeNumber(1)('7')).toBe(7)
    expect(() => wholeNumber(1)('0')).toThrow('at least 1')
    expect(() => wholeNumber(0)('1.5')).toThrow('whole number')
  })

  test('names come with commas, or the option many times', () => {
    expect(nameList('a, b', ['c'])).toEqual(['c', 'a', 'b'])
    expect(() => nameList('a,')).toThrow('commas')
  })
})
