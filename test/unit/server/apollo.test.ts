import { HeaderMap, type HTTPGraphQLRequest } from '@apollo/server'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { batchView } from '../../../src/definitions/batch-view.ts'
import type { Definition } from '../../../src/definitions/definition.ts'
import { entity } from '../../../src/definitions/entity.ts'
import { float64, string } from '../../../src/definitions/feature.ts'
import { staticTable } from '../../../src/definitions/sources.ts'
import { DEFAULT_LIMITS } from '../../../src/registry/limits.ts'
import { startApollo } from '../../../src/server/apollo.ts'
import { clientOf } from '../../../src/server/client.ts'
import type { GatewayRequest } from '../../../src/server/hooks.ts'
import { RequestCancellation } from '../../../src/server/request-cancellation.ts'
import { startTestGateway, type TestGateway } from '../../support/http-gateway.ts'

let server: TestGateway
beforeAll(async () => {
  server = await startTestGateway()
})
afterAll(() => server.close())

const OPTIONS = { limits: DEFAULT_LIMITS, production: false, introspection: true, logger: pino({ level: 'silent' }) }

function definitions(feature: string): readonly Definition[] {
  const town = entity('Town', { keys: { name: string() } })
  const features = { [feature]: float64() }
  return [town, batchView('facts', { entity: town, source: staticTable({ table: 'towns' }), features })]
}

function httpRequest(query: string): HTTPGraphQLRequest {
  return { method: 'POST', headers: new HeaderMap([['content-type', 'application/json']]), search: '', body: { query } }
}

function gatewayRequest(): GatewayRequest {
  return { id: '1', nowMicros: 0, headers: {}, client: clientOf({}), cancellation: new RequestCancellation(5_000) }
}

test('a swap at any moment of a request leaves it whole: answered by the one schema or refused by the other', async () => {
  const [before, after] = [server.contentOf(definitions('old')), server.contentOf(definitions('new'))]
  const outcomes = new Set<string>()
  for (let ticks = 0; ticks < 60; ticks += 1) {
    const apollo = await startApollo(before, OPTIONS)
    const answering = apollo.answer(httpRequest('{ town(name: "A") { old } }'), gatewayRequest())
    for (let tick = 0; tick < ticks; tick += 1) await null
    apollo.swap(after)
    const { body, status } = await answering
    expect(status).toBe(200)
    outcomes.add(
      Buffer.from(body)
        .toString()
        .replace(/"message".*"code"/, '"code"'),
    )
    expect((await apollo.answer(httpRequest('{ town(name: "A") { new } }'), gatewayRequest())).errors).toEqual([])
    await apollo.stop()
  }
  expect([...outcomes].map((text) => text.slice(0, 40)).toSorted()).toEqual([
    '{"data":{"town":{"old":null}}}',
    '{"errors":[{"code":"GRAPHQL_VALIDATION_F',
  ])
})
