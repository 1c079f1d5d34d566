import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { METRICS } from '../../src/server/metrics/metric-catalogue.ts'
import {
  causeEveryMetric,
  FEW_PLACES,
  type ObservedGateway,
  startObservedGateway,
} from '../support/observed-gateway.ts'
import { type ParsedMetrics, parseMetrics } from '../support/parse-metrics.ts'
import { selectorsOf } from '../support/promql.ts'
import { REPOSITORY } from '../support/source-imports.ts'

interface Panel {
  readonly id: number
  readonly title: string
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
}

const dashboard: {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] }
} = JSON.parse(readFileSync(resolve(REPOSITORY, 'deploy/grafana/fieldstone.json'), 'utf8'))

const queries = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })))

/** Labels that Prometheus itself adds to all that it reads. */
const OF_PROMETHEUS = ['job', 'instance']

let gateway: ObservedGateway
let metrics: ParsedMetrics

beforeAll(async () => {
  gateway = await startObservedGateway({ limits: FEW_PLACES })
  await causeEveryMetric(gateway)
  metrics = parseMetrics(await (await fetch(`${gateway.url}/metrics`)).text())
})
afterAll(() => gateway.close())

/** The names of labels of a metric that a gateway really gives. */
function labelsOf(metric: string): ReadonlySet<string> | undefined {
  const found = metrics.samples.filter(({ name }) => name === metric)
  return found.length === 0 ? undefined : new Set(found.flatMap(({ labels }) => Object.keys(labels)))
}

function checkQuery(query: string): void {
  const selectors = selectorsOf(query)
  expect(selectors.length, query).toBeGreaterThan(0)
  for (const { metric, labels } of selectors) {
    const real = labelsOf(metric)
    expect(real, `${metric} of ${query}`).toBeDefined()
    expect(
      labels.filter((label) => !real!.has(label) && !OF_PROMETHEUS.includes(label)),
      query,
    ).toEqual([])
  }
}

describe('the dashboard', () => {
  test.each(queries.map(({ title, expr, legendFormat }) => [title, legendFormat, expr]))(
    'asks for what a gateway gives: %s (%s)',
    (_title, legend, query) => {
      checkQuery(query!)
      const named = [...legend!.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!)
      for (const label of named)
        expect(
          selectorsOf(query!).some(({ labels }) => labels.includes(label)),
          label,
        ).toBe(true)
    },
  )

  test('chooses among jobs that serve', () => {
    const { query } = dashboard.templating.list.find(({ name }) => name === 'job')!
    expect(query).toBe('label_values(fieldstone_build_info, job)')
    expect(labelsOf('fieldstone_build_info')).toBeDefined()
  })

  test('shows every metric of the gateway', () => {
    const shown = new Set(
      queries.flatMap(({ expr }) => selectorsOf(expr).map(({ metric }) => metric.replace(/_(bucket|sum|count)$/, ''))),
    )
    expect(Object.keys(METRICS).filter((name) => !shown.has(name))).toEqual([])
  })

  test('has panels with names and places of their own', () => {
    const ids = dashboard.panels.map(({ id }) => id)
    const titles = dashboard.panels.map(({ title }) => title)
    expect([new Set(ids).size, new Set(titles).size]).toEqual([ids.length, titles.length])
  })
})

test.each(['sum by (a (x)', 'rate(x[5m)', 'nonsense(x)', 'x{a="b"', 'sum(x) sum(y)', 'x{a}', ''])(
  'what is no query is not taken for one: %s',
  (query) => {
    expect(() => selectorsOf(query)).toThrow()
  },
)
