import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { METRICS } from '../../../src/server/metrics/metric-catalogue.ts'
import { selectorsOf } from '../../support/promql.ts'
import { REPOSITORY } from '../../support/source-imports.ts'

const page = readFileSync(resolve(REPOSITORY, 'docs/observability.md'), 'utf8')

test('the page tells of every metric, with its type, labels and meaning', () => {
  const told = [...page.matchAll(/^\| `(fieldstone_\w+)` \| (\w+) \| (.*) \| (.*) \|$/gm)].map((row) => row.slice(1))
  const expected = Object.entries(METRICS).map(([name, { type, labels, help }]) => [
    ...[name, type, labels.map((label) => `\`${label}\``).join(', '), help],
  ])
  expect(told).toEqual(expected)
})

test('the alarms that it advises ask for metrics that there are', () => {
  const queries = [...page.matchAll(/^\| [^|`]+ \| `([^`]+)` \|$/gm)].map(([, query]) => query!)
  expect(queries.length).toBeGreaterThan(3)
  for (const query of queries) {
    for (const { metric, labels } of selectorsOf(query)) {
      const definition = METRICS[metric.replace(/_(bucket|sum|count)$/, '') as keyof typeof METRICS]
      expect(
        labels.filter((label) => !(definition.labels as readonly string[]).includes(label)),
        query,
      ).toEqual([])
    }
  }
})
