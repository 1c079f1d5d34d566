import { FieldstoneError } from '../errors.ts'
import type { Limits } from '../registry/limits.ts'

/** A limit that was passed. */
export interface LimitPassed {
  readonly limit: keyof Limits
  /** What the limit is set to. */
  readonly allowed: number
  /** What the request came to, as far as it was counted. */
  readonly value: number
  /** What was counted, in words. Default: what the limit counts. */
  readonly seen?: string
}

/** The error of a request above a limit; its facts are `limit`, `allowed` and `value`. */
export function limitExceeded({ limit, allowed, value, seen }: LimitPassed): FieldstoneError {
  return new FieldstoneError('LIMIT_EXCEEDED', {
    seen: seen ?? `a request with ${COUNTED[limit](value)}`,
    why: `server.limits.${limit} allows ${allowed}.`,
    facts: { limit, allowed, value },
  })
}

const COUNTED: Readonly<Record<keyof Limits, (value: number) => string>> = {
  maxBodyBytes: (value) => `a body of ${value} bytes`,
  maxTokens: (value) => `an operation of ${value} tokens`,
  maxDepth: (value) => `fields ${value} deep`,
  maxAliases: (value) => `${value} aliases`,
  maxDirectives: (value) => `${value} directives`,
  maxErrors: (value) => `${value} errors`,
  maxKeys: (value) => `${value} keys`,
  maxValues: (value) => `${value} values`,
  deadlineMillis: (value) => `${value} ms of work`,
  maxConcurrentRequests: (value) => `${value - 1} others beside it`,
  maxQueuedRequests: (value) => `${value - 1} others before it`,
  maxQueueMillis: (value) => `${value} ms of waiting`,
  maxEventLoopDelayMillis: (value) => `an event loop that is ${value} ms late`,
}

/** Stands last among an answer's errors, without a path, for those that are not reported. Its facts are `allowed` and `omitted`. */
export function errorsOmitted({ allowed, omitted }: { readonly allowed: number; readonly omitted: number }) {
  const [noun, verb] = omitted === 1 ? ['error', 'was'] : ['errors', 'were']
  return new FieldstoneError('ERRORS_OMITTED', {
    seen: `${omitted} more ${noun} ${verb} left out`,
    why: `server.limits.maxErrors allows ${allowed}, the first by their place; every field that failed is null all the same.`,
    facts: { allowed, omitted },
  })
}

/** The error of a request that took longer than `server.limits.deadlineMillis`. Its fact is `allowedMillis`. */
export function deadlineExceeded(allowedMillis: number): FieldstoneError {
  return new FieldstoneError('DEADLINE_EXCEEDED', {
    seen: `not answered within ${allowedMillis} ms`,
    why: `server.limits.deadlineMillis allows ${allowedMillis}, so nothing more was read.`,
    facts: { allowedMillis },
  })
}

/**
 * The error of a request that comes while `server.limits.maxConcurrentRequests` others are being answered, and as many wait as may, or
 * that has waited as long as it may. Its fact is `allowed`, with `waitedMillis` where it has waited.
 */
export function tooManyRequests(allowed: number, waitedMillis?: number): FieldstoneError {
  const waited = waitedMillis === undefined ? '' : `, and this one has waited ${waitedMillis} ms for its turn`
  return new FieldstoneError('TOO_MANY_REQUESTS', {
    seen: `${allowed} requests are being answered${waited}`,
    why: `server.limits.maxConcurrentRequests allows ${allowed}.`,
    facts: { allowed, ...(waitedMillis === undefined ? {} : { waitedMillis }) },
  })
}

/** The error of a request that comes while the event loop is late by more than `server.limits.maxEventLoopDelayMillis`. Its fact is `allowedMillis`. */
export function overloaded(allowedMillis: number): FieldstoneError {
  return new FieldstoneError('OVERLOADED', {
    seen: 'a request that would wait too long',
    why: `The event loop is late by more than the ${allowedMillis} ms that server.limits.maxEventLoopDelayMillis allows.`,
    facts: { allowedMillis },
  })
}
