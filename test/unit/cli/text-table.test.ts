import { expect, test } from 'vitest'
import { textTable } from '../../../src/cli/text-table.ts'

test('columns are aligned, numbers to the right', () => {
  expect(
    textTable(
      ['feature', 'value'],
      [
        ['departures7d', '1926'],
        ['name', '-0.5'],
      ],
    ),
  ).toEqual(['feature       value', '------------  -----', 'departures7d   1926', 'name           -0.5'])
})

test('a column that holds a text is to the left, and nothing trails', () => {
  expect(
    textTable(
      ['a', 'b'],
      [
        ['1', 'x'],
        ['Zürich', ''],
      ],
    ),
  ).toEqual(['a       b', '------  -', '1       x', 'Zürich'])
})
