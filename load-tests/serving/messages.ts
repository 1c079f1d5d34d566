import type { ChildProcess } from 'node:child_process'

/** What is said between the processes of a benchmark: each question has one answer, in order. */

/** To a subject's server. */
export type ServerQuestion =
  | { readonly kind: 'cpu' }
  | { readonly kind: 'memory'; readonly collect: boolean }
  | { readonly kind: 'startProfile' }
  | { readonly kind: 'stopProfile'; readonly file: string }
  | { readonly kind: 'stop' }

/** From a subject's server; `listening` comes first, unasked. */
export type ServerAnswer =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'cpu'; readonly cpuMicros: number }
  | ({ readonly kind: 'memory' } & ServerMemory)
  | { readonly kind: 'done' }

export interface ServerMemory {
  /** Of the whole process, as the machine sees it. */
  readonly rssBytes: number
  readonly heapBytes: number
}

/** What the load generator is started with. */
export interface GeneratorOptions {
  /** Whether it keeps awake where it waits for answers only. */
  readonly staysAwake: boolean
}

/** To the load generator. */
export type LoadQuestion =
  | ({ readonly kind: 'connect' } & LoadTarget)
  /** A closed loop over those connections: the next request is sent when an answer has come. */
  | { readonly kind: 'load'; readonly seconds: number }
  /** An open loop over connections of its own: requests are sent at their times. */
  | ({ readonly kind: 'pace'; readonly seconds: number; readonly rps: number } & LoadTarget)

export interface LoadTarget {
  readonly port: number
  readonly caseName: string
  readonly wire: 'graphql' | 'rows'
  readonly connections: number
}

/** From the load generator. */
export type LoadAnswer =
  | { readonly kind: 'connected' }
  | ({ readonly kind: 'loaded' } & LoadResult)
  | ({ readonly kind: 'paced' } & PacedResult)

export interface LoadResult {
  /** That were answered well. */
  readonly requests: number
  /** Requests whose answer was another, or did not come. */
  readonly failures: number
  readonly firstFailure: string | undefined
  /** From the first request's start to the last answer's end. */
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of the generator itself: near 1 for a core, it and not the server was the limit. */
  readonly generatorBusy: number
}

/** Times are from when a request was to be sent, however late it was, to the answer's last byte. */
export interface PacedResult extends LoadResult {
  readonly p90Ms: number
  readonly p999Ms: number
  readonly maxMs: number
  /** How late requests were sent: the generator's own share in those times, and the wait for a connection. */
  readonly lateP99Ms: number
}

/** Waits for the next message of a process. Rejects where it ends before. */
export function nextMessage<Answer>(child: ChildProcess, name: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      child.off('exit', onExit)
      resolve(message as Answer)
    }
    const onExit = (code: number | null, signal: string | null): void => {
      child.off('message', onMessage)
      reject(new Error(`${name} ended with ${signal ?? `code ${code}`}; what it printed stands above`))
    }
    child.once('message', onMessage)
    child.once('exit', onExit)
  })
}

/** Sends a question and waits for its answer. */
export function ask<Question extends object, Answer>(
  child: ChildProcess,
  name: string,
  question: Question,
): Promise<Answer> {
  const answer = nextMessage<Answer>(child, name)
  child.send(question)
  return answer
}

/** Answers every question of the parent process, one after another. An error ends the process loudly. */
export function answerParent<Question>(answer: (question: Question) => Promise<object>): void {
  // A parent that is gone, killed or not, takes its children along.
  process.on('disconnect', () => process.exit(0))
  // Ctrl-C reaches every process of the terminal; the parent ends its children once it has cleaned up.
  process.on('SIGINT', () => {})
  process.on('message', async (question) => {
    try {
      process.send?.(await answer(question as Question))
    } catch (error) {
      console.error(error)
      process.exit(1)
    }
  })
}
