import { Agent } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'
import { sendRaw } from './raw-http.ts'

/** What one connection asks, request after request. */
export interface ClientWork {
  readonly url: string
  readonly connections: number
  readonly requestsEach: number
}

/** A request of a client, and what came back. */
export interface ClientAnswer {
  readonly names: readonly string[]
  readonly status: number
  readonly body: string
}

/* A thread of its own: whoever shares the gateway's event loop sends its requests in bursts that no network has. */
const { url, connections, requestsEach } = workerData as ClientWork
const agent = new Agent({ keepAlive: true, maxSockets: connections })
const query = 'query($keys: [CityKey!]!) { cities(keys: $keys) { name population altitude } }'

async function ask(connection: number, nth: number): Promise<ClientAnswer> {
  const names = ['Oslo', 'Bogotá', `City ${connection} ${nth}`].slice((connection + nth) % 3)
  const body = JSON.stringify({ query, variables: { keys: names.map((name) => ({ name })) } })
  const answer = await sendRaw(url, { headers: { 'content-type': 'application/json' }, body, agent })
  return { names, status: answer.status, body: answer.body.toString() }
}

async function askInTurn(connection: number): Promise<readonly ClientAnswer[]> {
  const answers: ClientAnswer[] = []
  for (let nth = 0; nth < requestsEach; nth += 1) answers.push(await ask(connection, nth))
  return answers
}

const answers = await Promise.all(Array.from({ length: connections }, (_, connection) => askInTurn(connection)))
agent.destroy()
parentPort!.postMessage(answers.flat())
