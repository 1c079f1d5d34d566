import type { FieldNode } from 'graphql'
import { invariant } from '../../lib/assert.ts'
import type { RegistryFeature } from '../../registry/registry.ts'
import { encodeWire } from '../../values/wire.ts'
import type { ByteWriter } from '../byte-writer.ts'
import { addError, addErrorBelow, type Place } from '../errors-in-place.ts'
import type { Selection } from '../plan.ts'
import type { RequestState } from '../request.ts'

/** What every writer of one answer shares. */
export interface WriteContext extends Place {
  readonly out: ByteWriter
  readonly state: RequestState
}

/** Writes something of a subject (a row, a list of rows, ...) at the end of the answer. */
export type Write<Subject> = (subject: Subject, context: WriteContext) => void

/** Bytes in a buffer. */
export interface Bytes {
  readonly source: Uint8Array
  readonly start: number
  readonly end: number
}

export const NULL = encoded('null')
export const COMMA = encoded(',')
export const CLOSE_OBJECT = encoded('}')
export const OPEN_LIST = encoded('[')
export const CLOSE_LIST = encoded(']')
export const EMPTY_OBJECT = encoded('{}')

/** UTF-8 of a text. A plan is made of many short ones, nearly all ASCII, for which a call out of JavaScript costs too much. */
export function encoded(text: string): Buffer {
  const { length } = text
  const bytes = Buffer.allocUnsafe(length)
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit > 0x7f) return Buffer.from(text)
    bytes[index] = unit
  }
  return bytes
}

/** What stands before a field's value: its name, after `{` for the first field of an object and `,` for the others. */
export function fieldPrefix(responseKey: string, index: number): Buffer {
  return encoded(`${index === 0 ? '{' : ','}"${responseKey}":`)
}

const otherwiseTexts = new WeakMap<RegistryFeature, Buffer>()

/** What is served for a feature wherever its status is not PRESENT (SPEC V5). */
export function otherwiseText(feature: RegistryFeature): Buffer {
  const known = otherwiseTexts.get(feature)
  if (known !== undefined) return known
  const made = makeOtherwise(feature)
  otherwiseTexts.set(feature, made)
  return made
}

function makeOtherwise(feature: RegistryFeature): Buffer {
  const text = encodeWire(feature, feature.default)
  invariant(typeof text === 'string', `the default of ${feature.entity.name}.${feature.name} fits its dtype`)
  return encoded(text)
}

/** How a plan is compiled. */
export interface CompileOptions {
  /** Whether code is made for what is copied most. */
  readonly generate: boolean
}

/** Compiles an object: its fields in the order of the answer. `compileField` writes the prefix too. Refusals are the caller's. */
export function compileObject<Field, Subject>(
  selection: Selection<Field>,
  compileField: (field: Field, index: number) => Write<Subject>,
): Write<Subject> {
  if (selection.fields.length === 0) return (_, { out }) => out.raw(EMPTY_OBJECT)
  return compileParts(selection.fields.map(compileField))
}

/** Compiles an object whose parts write its opening and all of its fields. */
export function compileParts<Subject>(parts: readonly Write<Subject>[]): Write<Subject> {
  return (subject, context) => {
    for (const part of parts) part(subject, context)
    context.out.raw(CLOSE_OBJECT)
  }
}

/** A field whose value never changes. */
export function constantField(responseKey: string, index: number, json: string): Write<unknown> {
  const text = Buffer.concat([fieldPrefix(responseKey, index), encoded(json)])
  return (_, { out }) => out.raw(text)
}

/** Null at the current place, with its error. */
export function writeError(context: WriteContext, error: Error, nodes: readonly FieldNode[]): void {
  context.out.raw(NULL)
  addError(context, error, nodes)
}

/** Null one step below the current place, with its error. */
export function writeErrorBelow(
  context: WriteContext,
  error: Error,
  field: { readonly responseKey: string; readonly nodes: readonly FieldNode[] },
): void {
  context.out.raw(NULL)
  addErrorBelow(context, error, { steps: [field.responseKey], nodes: field.nodes })
}
