import { createHash } from 'node:crypto'
import type { DocumentNode, OperationDefinitionNode } from 'graphql'
import type { FieldstoneSchema } from '../sdl/schema.ts'
import { coordinatesOf } from './coordinates.ts'
import { textOf } from './operation.ts'

interface KnownOperationOptions {
  readonly schema: FieldstoneSchema
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly explain: () => string
}

/** What can be told of an operation beside its answers. It is worked out when it is asked for, once for all requests. */
export class KnownOperation {
  readonly #options: KnownOperationOptions
  #id: string | undefined
  #coordinates: readonly string[] | undefined

  constructor(options: KnownOperationOptions) {
    this.#options = options
  }

  get type(): string {
    return this.#options.operation.operation
  }

  get name(): string | undefined {
    return this.#options.operation.name?.value
  }

  /** SHA-256 of the document's text, in hexadecimal: equal texts have one, whoever sends them. */
  get id(): string {
    this.#id ??= createHash('sha256').update(textOf(this.#options.document)).digest('hex')
    return this.#id
  }

  /** Every `Type.field` that it selects, each once, sorted. */
  get coordinates(): readonly string[] {
    this.#coordinates ??= coordinatesOf(this.#options)
    return this.#coordinates
  }

  /** Its plan as text. Made anew by each call. */
  explain(): string {
    return this.#options.explain()
  }
}
