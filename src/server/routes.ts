import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FieldstoneError } from '../errors.ts'
import type { ApolloGateway } from './apollo.ts'
import { toApolloRequest } from './apollo-request.ts'
import type { GraphiQLPage } from './graphiql.ts'
import type { Readiness } from './health.ts'
import { type House, runRequest } from './house.ts'
import { METRICS_CONTENT_TYPE } from './metrics/metrics-text.ts'

/** Everything that the routes answer from. */
export interface RouteServices {
  readonly apollo: ApolloGateway
  readonly house: House
  /** Undefined: there is no page. */
  readonly graphiql: (() => Promise<GraphiQLPage>) | undefined
  readonly readiness: () => Promise<Readiness>
  /** What Prometheus reads. Undefined: there is no such path. */
  readonly metrics: (() => Promise<string>) | undefined
}

export const GRAPHQL_PATH = '/graphql'
export const LIVE_PATH = '/livez'
export const READY_PATH = '/readyz'
export const METRICS_PATH = '/metrics'

/** Whether a path tells of the process: it is answered whatever the process has to do, also while it drains. */
export function isOfTheProcess(path: string): boolean {
  return path === LIVE_PATH || path === READY_PATH || path === METRICS_PATH
}

export function addRoutes(app: FastifyInstance, services: RouteServices): void {
  const { graphiql, metrics } = services
  app.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    exposeHeadRoute: false,
    handler: (request, reply) => answerGraphQL(services, request, reply),
  })
  app.get(LIVE_PATH, async () => ({ status: 'alive' }))
  app.get(READY_PATH, async (_request, reply) => {
    const { ready, body } = await services.readiness()
    return reply.status(ready ? 200 : 503).send(body)
  })
  if (metrics !== undefined) {
    app.get(METRICS_PATH, { exposeHeadRoute: false }, async (_request, reply) =>
      reply.header('content-type', METRICS_CONTENT_TYPE).send(await metrics()),
    )
  }
  if (graphiql !== undefined) app.get('/', async (request, reply) => sendPage(await graphiql(), request, reply))
  app.setNotFoundHandler(async (request, reply) => refusePath(request, reply, services))
}

/** What the doors leave: a GET, and a POST that is not of JSON or too long. */
async function answerGraphQL(
  { apollo, house }: RouteServices,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const exchange = { id: request.id, request: request.raw, response: reply.raw, arrivedAt: request.arrivedAt }
  await runRequest(house, exchange, (graphqlRequest) =>
    apollo.answer(toApolloRequest(request.raw, request.body), graphqlRequest),
  )
  reply.hijack()
}

function sendPage(page: GraphiQLPage, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const isGzipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
  if (isGzipped) reply.header('content-encoding', 'gzip')
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', page.contentSecurityPolicy)
    .header('referrer-policy', 'no-referrer')
    .header('vary', 'accept-encoding')
    .send(isGzipped ? page.gzipped : page.html)
}

/** The methods of each path, for those who come with another. */
function allowedMethods(path: string, { graphiql, metrics }: RouteServices): string | undefined {
  if (path === GRAPHQL_PATH) return 'GET, POST'
  if (path === METRICS_PATH && metrics !== undefined) return 'GET'
  return path === LIVE_PATH || path === READY_PATH || (path === '/' && graphiql !== undefined) ? 'GET, HEAD' : undefined
}

function refusePath(request: FastifyRequest, reply: FastifyReply, services: RouteServices): never {
  const path = request.url.replace(/\?.*$/, '')
  const allowed = allowedMethods(path, services)
  if (allowed === undefined) {
    const page = services.graphiql !== undefined ? 'GraphiQL at /, ' : ''
    const mend = `GraphQL is at ${GRAPHQL_PATH}, ${page}health at ${LIVE_PATH} and ${READY_PATH}.`
    throw new FieldstoneError('PATH_UNKNOWN', { seen: `${request.method} ${path}`, mend })
  }
  reply.header('allow', allowed)
  throw new FieldstoneError('METHOD_NOT_ALLOWED', { seen: `${request.method} ${path}`, mend: `Use ${allowed}.` })
}
