import type { GraphQLError, OperationTypeNode } from 'graphql'
import type { ByteWriter } from './byte-writer.ts'
import type { Cost } from './cost.ts'
import type { KnownOperation } from './known-operation.ts'
import { formatError } from './masking.ts'

/** What a request is answered with. */
export interface Answer {
  /** JSON in UTF-8 without a newline at its end: `errors` where there are any, `data`, `extensions` where there are any. */
  readonly body: Uint8Array
  /** Unmasked, in the order of the answer. */
  readonly errors: readonly Error[]
  /** False where the request was refused before execution (its variables, its operation): there is no `data` then. */
  readonly executed: boolean
  /** Root fields that graphql-js answered, by their names. */
  readonly fallbackFields: readonly string[]
  /** Undefined where the document holds no such operation. */
  readonly operationType: OperationTypeNode | undefined
  readonly operationName: string | undefined
  /** Undefined where variables were refused. */
  readonly cost: Cost | undefined
  /** Milliseconds that went by until everything was read, where a store had to be waited for; else 0. */
  readonly waitedMillis: number
  /** Undefined where the document holds no such operation. */
  readonly operation: KnownOperation | undefined
}

/** Begins every body that has no errors. */
export const DATA_PREFIX = Buffer.from('{"data":')

/** What stands in a body beside `data`. Messages of unexpected errors are masked in `production`. */
export interface AnswerParts {
  readonly errors: readonly GraphQLError[]
  readonly extensions: Extensions | undefined
  readonly production: boolean
}

export type Extensions = Readonly<Record<string, unknown>>

/**
 * The body around `data`, which stands in `out` after `DATA_PREFIX`. Errors come first in a body, but are known only when
 * `data` is written: then, and only then, the bytes are moved.
 */
export function assembleBody(out: ByteWriter, { errors, extensions, production }: AnswerParts): Uint8Array {
  if (extensions !== undefined) out.text(`,"extensions":${JSON.stringify(extensions)}`)
  out.text('}')
  if (errors.length === 0) return out.copy()
  const formatted = errors.map((error) => formatError(error, { production }))
  return Buffer.concat([Buffer.from(`{"errors":${JSON.stringify(formatted)},`), out.copy(1)])
}

/** The body of a request that was not executed. */
export function refusedBody({ errors, extensions, production }: AnswerParts): Uint8Array {
  const formatted = errors.map((error) => formatError(error, { production }))
  return Buffer.from(JSON.stringify({ errors: formatted, extensions }))
}
