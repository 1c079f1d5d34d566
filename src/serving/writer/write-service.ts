import type { StoredFeature } from '../../registry/registry.ts'
import { addErrorBelow } from '../errors-in-place.ts'
import type { Call } from '../on-demand-calls.ts'
import type { ColumnField, ColumnList, ColumnMember, RoleSelection, ServiceAnswerField, ServiceField } from '../plan.ts'
import type { RowsAtRoot } from '../request.ts'
import type { Row, RowObject } from '../row-set.ts'
import { compileColumnCell, type WriteCell } from './write-column-cell.ts'
import {
  CLOSE_LIST,
  COMMA,
  compileObject,
  constantField,
  fieldPrefix,
  NULL,
  OPEN_LIST,
  type Write,
  type WriteContext,
  writeError,
} from './write-context.ts'
import { compileStoredColumn, RowsByView } from './write-stored-column.ts'

/** Compiles a feature service's columns at the current place. */
export function compileService(field: ServiceField): Write<RowsAtRoot> {
  const { selection } = field
  const writeFields = compileObject(selection, (member, index) => compileMember(member, index, selection.typeName))
  return (rows, context) => {
    if (selection.refusal !== undefined) writeError(context, selection.refusal, field.nodes)
    else writeFields(rows, context)
  }
}

function compileMember(member: ServiceAnswerField, index: number, typeName: string): Write<RowsAtRoot> {
  if (member.kind === 'typename') return constantField(member.responseKey, index, `"${typeName}"`)
  const prefix = fieldPrefix(member.responseKey, index)
  if (member.kind === 'rowCount') {
    return ({ rows }, { out }) => {
      out.raw(prefix)
      out.text(String(rows.length))
    }
  }
  const { selection, nodes } = member
  const writeRole = compileRole(selection)
  return ({ rows, roles }, context) => {
    context.out.raw(prefix)
    context.path.push(member.responseKey)
    if (selection.refusal !== undefined) writeError(context, selection.refusal, nodes)
    else writeRole({ rows, byView: new RowsByView(roles.get(selection)!) }, context)
    context.path.pop()
  }
}

/** A role's rows: their arguments, and their objects in this role. */
interface RoleRows {
  readonly rows: RowsAtRoot['rows']
  readonly byView: RowsByView
}

function compileRole(selection: RoleSelection): Write<RoleRows> {
  const columns = selection.fields.filter((field) => field.kind === 'column')
  const firstList = columns.flatMap((column) => column.selection.fields).find(isList)
  return compileObject(selection, (field, index): Write<RoleRows> => {
    if (field.kind === 'typename') return constantField(field.responseKey, index, `"${selection.typeName}"`)
    return compileColumn(field, index, firstList)
  })
}

function isList(member: ColumnMember): member is ColumnList {
  return member.kind !== 'typename'
}

/** A column's rows: for an on-demand feature with the call of each. */
interface ColumnRows {
  readonly byView: RowsByView
  readonly calls: readonly (Call | Error)[]
}

function compileColumn(field: ColumnField, index: number, firstOfRole: ColumnList | undefined): Write<RoleRows> {
  const { selection, feature, responseKey } = field
  const prefix = fieldPrefix(responseKey, index)
  const firstOfColumn = selection.fields.find(isList)
  const writeLists = compileObject(selection, (member, place): Write<ColumnRows> => {
    if (member.kind === 'typename') return constantField(member.responseKey, place, `"${selection.typeName}"`)
    const tells = { ofRole: member === firstOfRole, ofFeature: member === firstOfColumn }
    return compileList({ prefix: fieldPrefix(member.responseKey, place), list: member, feature, tells })
  })
  return ({ rows, byView }, context) => {
    context.out.raw(prefix)
    context.path.push(responseKey)
    if (selection.refusal !== undefined) writeError(context, selection.refusal, field.nodes)
    else writeLists({ byView, calls: callsOf(field, rows, context) }, context)
    context.path.pop()
  }
}

/** The calls of an on-demand column, one a row; equal arguments share one. */
function callsOf({ feature }: ColumnField, rows: RowsAtRoot['rows'], { state }: WriteContext): ColumnRows['calls'] {
  if (feature.kind === 'stored') return []
  return rows.map((row) => {
    try {
      return state.calls.resolve(feature.view, row)
    } catch (error) {
      return error as Error
    }
  })
}

interface ListToCompile {
  readonly prefix: Buffer
  readonly list: ColumnList
  readonly feature: ColumnField['feature']
  /** Which errors stand in this list: those of its role's rows, those of its own feature. */
  readonly tells: { readonly ofRole: boolean; readonly ofFeature: boolean }
}

function compileList(compiled: ListToCompile): Write<ColumnRows> {
  const { prefix, list, feature } = compiled
  const isStoredLeaf = feature.kind === 'stored' && list.kind === 'values' && list.vector === undefined
  const writeColumn = isStoredLeaf ? compileStoredValues(compiled, feature) : compileCells(compiled)
  return (rows, context) => {
    context.out.raw(prefix)
    writeColumn(rows, context)
  }
}

function compileStoredValues({ list, tells }: ListToCompile, feature: StoredFeature): Write<ColumnRows> {
  const { responseKey, nodes } = list
  const writeColumn = compileStoredColumn(feature, (error, index, context) => {
    context.out.raw(NULL)
    if (tells.ofRole) addErrorBelow(context, error, { steps: [responseKey, index], nodes })
  })
  return ({ byView }, context) => writeColumn(byView, context)
}

function compileCells({ list, feature, tells }: ListToCompile): Write<ColumnRows> {
  const writeCell = compileColumnCell(list, feature)
  const { responseKey, nodes } = list
  return ({ byView: { objects }, calls }, context) => {
    const { out } = context
    out.raw(OPEN_LIST)
    for (let index = 0; index < objects.length; index += 1) {
      if (index > 0) out.raw(COMMA)
      const object = objects[index]!
      const failure = failureOf(object)
      const error = failure ?? writeElement(writeCell, { row: (object as RowObject).row, call: calls[index] }, context)
      if (error === undefined) continue
      out.raw(NULL)
      // A selection that is refused is refused in its own list, wherever that stands.
      const isTold = failure === undefined ? tells.ofFeature || error === list.vector?.refusal : tells.ofRole
      if (isTold) addErrorBelow(context, error, { steps: [responseKey, index], nodes })
    }
    out.raw(CLOSE_LIST)
  }
}

function failureOf(object: RowObject | Error): Error | undefined {
  return object instanceof Error ? object : object.failure
}

/** Gives the error that stands in the element's place, if there is one; nothing was written then. */
function writeElement(
  writeCell: WriteCell,
  { row, call }: { readonly row: Row; readonly call: Call | Error | undefined },
  context: WriteContext,
): Error | undefined {
  return call instanceof Error ? call : writeCell(row, call, context)
}
