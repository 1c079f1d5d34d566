import { isNonNullType } from 'graphql'
import type { EntitySelection, QueryPlan, RepresentationsField, RootField } from '../plan.ts'
import type { ObjectAtRoot, ObjectOutcome, ObjectsAtRoot, RootOutcome, RowsAtRoot } from '../request.ts'
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COMMA,
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
export function compilePlan({ root }: QueryPlan): WriteData {
  const parts = root.fields.map((field, index) => compileRootField(field, index, root.typeName))
  return (context) => {
    const start = context.out.at
    if (root.refusal !== undefined) {
      context.out.raw(NULL)
      context.errors.push(root.refusal)
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

function compileRootField(field: RootField, index: number, typeName: string): WriteRootField {
  if (field.kind === 'typename') {
    const write = constantField(field.responseKey, index, `"${typeName}"`)
    return always((_, context) => write(undefined, context))
  }
  const prefix = fieldPrefix(field.responseKey, index)
  const write = compileValue(field)
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

function compileValue(field: Exclude<RootField, { kind: 'typename' }>): WriteRootField {
  switch (field.kind) {
    case 'entity':
      return always(compileOne(compileEntity(field.selection, field.nodes)))
    case 'entities':
      return always(compileMany(new Map([[field.selection, compileEntity(field.selection, field.nodes)]]), field))
    case 'representations':
      return always(compileMany(writersOf(field), field))
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

type EntityWriters = ReadonlyMap<EntitySelection, Write<ObjectOutcome>>

function writersOf({ selections, nodes }: RepresentationsField): EntityWriters {
  return new Map([...selections.values()].map((selection) => [selection, compileEntity(selection, nodes)]))
}

function compileMany(writers: EntityWriters, { nodes }: Pick<RootField, 'nodes'>): WriteRootFieldOf<RootOutcome> {
  return (outcome, context) => {
    const { out, path } = context
    out.raw(OPEN_LIST)
    for (const [index, { selection, object }] of (outcome as ObjectsAtRoot).objects.entries()) {
      if (index > 0) out.raw(COMMA)
      path.push(index)
      if (selection === undefined) writeError(context, object as Error, nodes)
      else writers.get(selection)!(object, context)
      path.pop()
    }
    out.raw(CLOSE_LIST)
  }
}

const writeFallback: WriteRootField = (outcome, context) => {
  if (outcome === undefined || outcome instanceof Error || outcome.kind !== 'text') return false
  context.errors.push(...outcome.errors)
  if (outcome.json !== undefined) context.out.text(outcome.json)
  return outcome.json !== undefined
}
