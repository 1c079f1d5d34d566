import { unavailable } from './failures.ts'
import { outgoing } from './frames.ts'
import type { Link } from './link.ts'

export interface ReplicaDemands {
  /** Replicas of each server that are to have a write before it is acknowledged. 0: none. */
  readonly waitForReplicas: number
  readonly silenceTimeoutMillis: number
}

/**
 * Runs a write, and waits until as many replicas have what was sent by this link. Throws STORE_UNAVAILABLE where they have not: the
 * write may stand then.
 */
export async function onReplicas<T>(link: Link, demands: ReplicaDemands, write: () => Promise<T>): Promise<T> {
  const done = await write()
  const { waitForReplicas, silenceTimeoutMillis } = demands
  if (waitForReplicas === 0) return done
  // Before the silence is over in which the server waits, too.
  const words = ['WAIT', String(waitForReplicas), String(Math.ceil(silenceTimeoutMillis / 2))] as const
  const counts = await Promise.all(link.servers().map((server) => server.send(outgoing(0, words))))
  const least = Math.min(...counts.map(Number))
  if (least >= waitForReplicas) return done
  throw unavailable(link.place, new Error(`${least} of ${waitForReplicas} replicas have the write`))
}
