import type { ChildProcess } from 'node:child_process'

/** What is said between the processes of a benchmark: each question has one answer, in order. */

/** To a subject's server. */
export type ServerQuestion =
  | { readonly kind: 'cpu' }
  | { readonly kind: 'startProfile' }
  | { readonly kind: 'stopProfile'; readonly file: string }
  | { readonly kind: 'stop' }

/** From a subject's server; `listening` comes first, unasked. */
export type ServerAnswer =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'cpu'; readonly cpuMicros: number }
  | { readonly kind: 'done' }

/** To the load generator. */
export type LoadQuestion =
  | ({ readonly kind: 'connect' } & LoadTarget)
  | { readonly kind: 'load'; readonly seconds: number }

export interface LoadTarget {
  readonly port: number
  readonly caseName: string
  readonly wire: 'graphql' | 'rows'
  readonly connections: number
}

/** From the load generator. */
export type LoadAnswer = { readonly kind: 'connected' } | ({ readonly kind: 'loaded' } & LoadResult)

export interface LoadResult {
  readonly requests: number
  /** From the first request's start to the last answer's end. */
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of the generator itself: near 1 for a core, it and not the server was the limit. */
  readonly generatorBusy: number
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
