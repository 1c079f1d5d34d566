import { decodeVector } from '../../values/wire.ts'
import type { Selection, VectorField } from '../plan.ts'
import { type Bytes, compileObject, constantField, encoded, fieldPrefix, type Write } from './write-context.ts'

/** Compiles a `FloatVector` over its stored text, the base64 in quotes. Numbers are made only where `values` is selected. */
export function compileVector(selection: Selection<VectorField>, dimensions: number): Write<Bytes> {
  return compileObject(selection, (field, index): Write<Bytes> => {
    if (field.kind === 'typename') return constantField(field.responseKey, index, `"${selection.typeName}"`)
    switch (field.field) {
      case 'dimensions':
        return constantField(field.responseKey, index, String(dimensions))
      case 'base64F32':
        return compileBase64(fieldPrefix(field.responseKey, index))
      case 'values':
        return compileValues(fieldPrefix(field.responseKey, index))
      default:
        return field.field satisfies never
    }
  })
}

function compileBase64(prefix: Buffer): Write<Bytes> {
  return ({ source, start, end }, { out }) => {
    out.raw(prefix)
    out.slice(source, start, end)
  }
}

function compileValues(prefix: Buffer): Write<Bytes> {
  return (bytes, { out }) => {
    out.raw(prefix)
    out.text(`[${decodeVector(unquoted(bytes)).join(',')}]`)
  }
}

function unquoted({ source, start, end }: Bytes): string {
  return Buffer.from(source.buffer, source.byteOffset + start + 1, end - start - 2).toString('latin1')
}

/** All of a buffer. */
export function wholeOf(source: Uint8Array): Bytes {
  return { source, start: 0, end: source.length }
}

/** A text as UTF-8. */
export function bytesOf(text: string): Bytes {
  return wholeOf(encoded(text))
}
