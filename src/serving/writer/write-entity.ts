import type { FieldNode } from 'graphql'
import type { EntityField, EntitySelection, KeyField, ReferenceField, StoredField } from '../plan.ts'
import type { ObjectOutcome, RowObject } from '../row-set.ts'
import {
  type CompileOptions,
  compileParts,
  constantField,
  EMPTY_OBJECT,
  fieldPrefix,
  NULL,
  type Write,
  type WriteContext,
  writeError,
} from './write-context.ts'
import { compileFeatureInfo } from './write-feature-info.ts'
import { compileOnDemand } from './write-on-demand.ts'
import { compileStoredRun, compileStoredVector } from './write-stored.ts'

/** What is selected of an entity, and the merged nodes of the field that gives it. */
interface EntityPlace {
  readonly selection: EntitySelection
  readonly nodes: readonly FieldNode[]
}

/** Compiles an entity at the current place: null with its error where it was refused or could not be read. */
export function compileEntity({ selection, nodes }: EntityPlace, options: CompileOptions): Write<ObjectOutcome> {
  const writeFields = compileFields(selection, options)
  const { refusal } = selection
  return (outcome, context) => {
    if (outcome === null) context.out.raw(NULL)
    else if (outcome instanceof Error) writeError(context, outcome, nodes)
    else if (outcome.failure !== undefined) writeError(context, outcome.failure, nodes)
    else if (refusal !== undefined) writeError(context, refusal, nodes)
    else writeFields(outcome, context)
  }
}

function compileFields(selection: EntitySelection, options: CompileOptions): Write<RowObject> {
  const parts: Write<RowObject>[] = []
  let index = 0
  for (const run of runsOf(selection.fields)) {
    parts.push(compileRun(run, index, { ...options, typeName: selection.typeName }))
    index += run.length
  }
  return parts.length === 0 ? (_, { out }) => out.raw(EMPTY_OBJECT) : compileParts(parts)
}

/** Fields as they stand, stored leaves of one view that follow each other together. */
function runsOf(fields: readonly EntityField[]): readonly (readonly EntityField[])[] {
  const runs: EntityField[][] = []
  for (const field of fields) {
    const last = runs.at(-1)
    if (
      last !== undefined &&
      isStoredLeaf(field) &&
      isStoredLeaf(last[0]!) &&
      last[0].feature.view === field.feature.view
    ) {
      last.push(field)
    } else {
      runs.push([field])
    }
  }
  return runs
}

function isStoredLeaf(field: EntityField): field is StoredField {
  return field.kind === 'stored' && field.vector === undefined
}

interface RunOptions extends CompileOptions {
  readonly typeName: string
}

function compileRun(run: readonly EntityField[], index: number, options: RunOptions): Write<RowObject> {
  const field = run[0]!
  switch (field.kind) {
    case 'typename':
      return constantField(field.responseKey, index, `"${options.typeName}"`)
    case 'key':
      return compileKey(field, index)
    case 'stored':
      return field.vector === undefined
        ? compileStoredRun(run as readonly StoredField[], index, options)
        : compileStoredVector(field, index)
    case 'onDemand':
      return compileOnDemand(field, index)
    case 'reference':
      return compileReference(field, index, options)
    case 'featureInfo':
      return compileFeatureInfo(field, index)
    default:
      return field satisfies never
  }
}

function compileKey(field: KeyField, index: number): Write<RowObject> {
  const prefix = fieldPrefix(field.responseKey, index)
  return ({ row }, { out }) => {
    out.raw(prefix)
    // Every key is a string in GraphQL: `ID`, `String` or `Int64`.
    out.quoted(String(row.values[field.index]!))
  }
}

function compileReference(field: ReferenceField, index: number, options: CompileOptions): Write<RowObject> {
  const prefix = fieldPrefix(field.responseKey, index)
  const { responseKey } = field
  const writeTarget = compileEntity(field, options)
  return ({ children }, context: WriteContext) => {
    context.out.raw(prefix)
    context.path.push(responseKey)
    writeTarget(children[field.index]!, context)
    context.path.pop()
  }
}
