import { afterEach, describe, expect, test } from 'vitest'
import type { OperationUsage } from '../../src/registry/operation-usage.ts'
import type { ServerSettingsInput } from '../../src/registry/server-settings.ts'
import { CONFIG, features } from '../support/cities-files.ts'
import { fieldstone, type Started, startFieldstone, type UserFolder, userFolder } from '../support/command-line.ts'
import { postGraphQL } from '../support/http-gateway.ts'
import { type ObservedGateway, startObservedGateway } from '../support/observed-gateway.ts'
import { parseMetrics } from '../support/parse-metrics.ts'
import { startTraceCollector } from '../support/trace-collector.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(server: ServerSettingsInput): Promise<ObservedGateway> {
  const gateway = await startObservedGateway(server)
  closing.push(gateway.close)
  return gateway
}

const QUERY = 'query Fresh { station(id: "fresh") { temperature } }'

describe('a config', () => {
  test('without a word has metrics, and may be without', async () => {
    expect((await fetch(`${(await start({})).url}/metrics`)).status).toBe(200)
    const without = await start({ metrics: false })
    expect(await without.ask(QUERY)).toBe('{"data":{"station":{"temperature":1.5}}}')
    expect((await fetch(`${without.url}/metrics`)).status).toBe(404)
  })

  test('has traces sent, the last of them when the gateway ends', async () => {
    const collector = await startTraceCollector()
    closing.push(collector.close)
    const gateway = await startObservedGateway({ tracing: { endpoint: collector.endpoint } })
    for (let time = 0; time < 2; time += 1) await gateway.ask(QUERY)
    await gateway.close()
    const roots = collector.spans.filter(({ kind }) => kind === 2)
    expect(roots.map(({ service }) => service)).toEqual(['stations', 'stations'])
    expect(collector.spans.filter(({ name }) => name === 'read Station')).toHaveLength(2)
    expect(collector.spans.find(({ name }) => name === 'read Station')?.attributes['db.system.name']).toBe('cache')
  })

  test('has usage reported when the gateway ends', async () => {
    const told: OperationUsage[] = []
    const gateway = await startObservedGateway({ usage: { report: (usages) => void told.push(...usages) } })
    for (let time = 0; time < 3; time += 1) await gateway.ask(QUERY, { 'x-fieldstone-client-name': 'tests' })
    await gateway.close()
    expect(told).toMatchObject([
      { operationName: 'Fresh', clientName: 'tests', count: 3, coordinates: ['Query.station', 'Station.temperature'] },
    ])
  })
})

describe('a report of usage that is never done', () => {
  const HANGING = 'server: { usage: { report: () => new Promise(() => void setInterval(() => {}, 1_000)) } },'

  test.each(['1', '2'])('does not keep what has ended by %s workers', async (workers) => {
    const config = CONFIG.replace('offline:', `${HANGING} offline:`)
    const folder = await userFolder({ 'fieldstone.config.ts': config, 'features.ts': features() })
    closing.push(folder.remove)
    const served = startFieldstone(['serve', '--port', '0', '--workers', workers], { cwd: folder.path })
    closing.push(() => served.child.kill('SIGKILL'))
    const [, url] = await served.says(/serving cities at (http:\S+)/)
    await (await postGraphQL(url!, { query: '{ __typename }' })).text()
    served.child.kill('SIGTERM')
    const { code, stderr } = await served.finished
    expect(code).toBe(0)
    expect(stderr).toContain('it is not waited for any longer')
    expect(stderr).not.toContain('a worker is ended')
  })
})

describe('by several workers', () => {
  async function serve(): Promise<{ readonly folder: UserFolder; readonly served: Started; readonly url: string }> {
    const folder = await userFolder({ 'fieldstone.config.ts': CONFIG, 'features.ts': features() })
    closing.push(folder.remove)
    await fieldstone(['apply'], { cwd: folder.path })
    await fieldstone(['materialize'], { cwd: folder.path })
    const served = startFieldstone(['serve', '--port', '0', '--workers', '2'], { cwd: folder.path })
    closing.push(async () => {
      served.child.kill('SIGTERM')
      await served.finished
    })
    const [, url] = await served.says(/serving cities at (http:\S+) with 2 workers/)
    return { folder, served, url: url! }
  }

  test('any of them gives the sums over all', async () => {
    const { url } = await serve()
    const query = 'query Visits { city(country: "NO", name: "Oslo") { visits } }'
    const headers = { connection: 'close' }
    const answers = await Promise.all(Array.from({ length: 40 }, () => postGraphQL(url, { query }, headers)))
    const ids = await Promise.all(
      answers.map(async (answer) => {
        expect(await answer.text()).toBe('{"data":{"city":{"visits":7}}}')
        return answer.headers.get('x-request-id')!.slice(0, -12)
      }),
    )
    expect(new Set(ids).size).toBe(2)
    for (let time = 0; time < 6; time += 1) {
      const { samples } = parseMetrics(await (await fetch(`${url}/metrics`, { headers })).text())
      const valuesOf = (name: string) => samples.filter((sample) => sample.name === name).map(({ value }) => value)
      expect(valuesOf('fieldstone_request_duration_seconds_count')).toEqual([40])
      expect(valuesOf('fieldstone_view_rows_total').reduce((total, value) => total + value, 0)).toBe(40)
      expect(valuesOf('fieldstone_build_info')).toEqual([1])
      expect(valuesOf('nodejs_eventloop_lag_p99_seconds')).toHaveLength(1)
    }
  })
})
