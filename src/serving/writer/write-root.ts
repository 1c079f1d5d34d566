import { isNonNullType } from 'graphql'
import { addLocated } from '../errors-in-place.ts'
import type { QueryPlan, RepresentationsField, RootField } from '../plan.ts'
import type { ObjectAtRoot, ObjectsAtRoot, RootOutcome, RowsAtRoot } from '../request.ts'
import type { ObjectOutcome } from '../row-set.ts'
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COMMA,
  type CompileOptions,
  constantField,
  EMPTY_OBJECT,
  fieldPrefix,
  NULL,
  OPEN_LIST,
  type Write,
  type WriteContext,
  writeError,
} from './write-context.ts'
import { compileEntity } from './write-entity.ts'
import { compileService } from './write-service.ts'

/** Writes the whole of `data`, once everything is read. */
export type WriteData = (context: WriteContext) => void

/** Writes one root field; false where its null makes all of `data` null. */
type WriteRootField = (outcome: RootOutcome, context: WriteContext) => boolean

/** Compiles a plan to closures that write its answer. */
export function compilePlan({ root }: QueryPlan, options: CompileOptions): WriteData {
  const parts = root.fields.map((field, index) =>
    compileRootField(field, index, { ...options, typeName: root.typeName }),
  )
  return (context) => {
    const start = context.out.at
    if (root.refusal !== undefined) {
      context.out.raw(NULL)
      addLocated(context, root.refusal)
    } else if (!writeParts(parts, context)) {
      context.out.truncate(start)
      context.out.raw(NULL)
    }
  }
}

function writeParts(parts: readonly WriteRootField[], context: WriteContext): boolean {
  if (parts.length === 0) context.out.raw(EMPTY_OBJECT)
  for (const [index, part] of parts.entries()) {
    if (!part(context.state.roots[index], context)) return false
  }
  if (parts.length > 0) context.out.raw(CLOSE_OBJECT)
  return true
}

interface RootOptions extends CompileOptions {
  readonly typeName: string
}

function compileRootField(field: RootField, index: number, options: RootOptions): WriteRootField {
  if (field.kind === 'typename') {
    const write = constantField(field.responseKey, index, `"${options.typeName}"`)
    return always((_, context) => write(undefined, context))
  }
  const prefix = fieldPrefix(field.responseKey, index)
  const write = compileValue(field, options)
  return (outcome, context) => {
    context.out.raw(prefix)
    context.path.push(field.responseKey)
    const isWritten = outcome instanceof Error ? writeRefused(field, outcome, context) : write(outcome, context)
    context.path.pop()
    return isWritten
  }
}

/** Arguments were refused: null, and where the field is non-null so is everything. */
function writeRefused(field: RootField, error: Error, context: WriteContext): boolean {
  writeError(context, error, field.nodes)
  return !('definition' in field && isNonNullType(field.definition.type))
}

function always(write: WriteRootFieldOf<RootOutcome>): WriteRootField {
  return (outcome, context) => {
    write(outcome, context)
    return true
  }
}

type WriteRootFieldOf<Outcome> = (outcome: Outcome, context: WriteContext) => void

function compileValue(field: Exclude<RootField, { kind: 'typename' }>, options: CompileOptions): WriteRootField {
  switch (field.kind) {
    case 'entity':
      return always(compileOne(compileEntity(field, options)))
    case 'entities':
      return always(compileMany(compileEntity(field, options)))
    case 'representations':
      return always(compileRepresentations(field, options))
    case 'service': {
      const write = compileService(field)
      return always((rows, context) => write(rows as RowsAtRoot, context))
    }
    case 'fallback':
      return writeFallback
    default:
      return field satisfies never
  }
}

function compileOne(write: Write<ObjectOutcome>): WriteRootFieldOf<RootOutcome> {
  return (outcome, context) => write((outcome as ObjectAtRoot).object, context)
}

function compileMany(write: Write<ObjectOutcome>): WriteRootFieldOf<RootOutcome> {
  return (outcome, context) => {
    const { objects } = outcome as ObjectsAtRoot
    writeList(objects.length, context, (index) => write(objects[index]!, context))
  }
}

/** What is selected of an object hangs on its entity. */
function compileRepresentations(field: RepresentationsField, options: CompileOptions): WriteRootFieldOf<RootOutcome> {
  const { nodes } = field
  const selections = [...field.selections.values()]
  const writers = new Map(selections.map((selection) => [selection, compileEntity({ selection, nodes }, options)]))
  return (outcome, context) => {
    const { objects, selections: selected } = outcome as ObjectsAtRoot
    writeList(objects.length, context, (index) => {
      const selection = selected![index]
      if (selection === undefined) writeError(context, objects[index] as Error, nodes)
      else writers.get(selection)!(objects[index]!, context)
    })
  }
}

function writeList(length: number, { out, path }: WriteContext, writeItem: (index: number) => void): void {
  out.raw(OPEN_LIST)
  for (let index = 0; index < length; index += 1) {
    if (index > 0) out.raw(COMMA)
    path.push(index)
    writeItem(index)
    path.pop()
  }
  out.raw(CLOSE_LIST)
}

const writeFallback: WriteRootField = (outcome, context) => {
  if (outcome === undefined || outcome instanceof Error || outcome.kind !== 'text') return false
  for (const error of outcome.errors) addLocated(context, error)
  if (outcome.json !== undefined) context.out.text(outcome.json)
  return outcome.json !== undefined
}
