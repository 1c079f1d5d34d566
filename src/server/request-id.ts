import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Ids have the form of a UUID: a random beginning, which is this process's own, and the number of the request. */
const BEGINNING = randomUUID().slice(0, -12)
let count = 0

function nextId(): string {
  count += 1
  return BEGINNING + count.toString(16).padStart(12, '0')
}

/** The client's own id where it is one that can stand in a log, else a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : nextId()
}
