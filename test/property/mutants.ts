/** A fault put into planner or writer: a text that stands once in a file, and what stands there instead. */
export interface Mutant {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** Each is a mistake that someone might make. The property test must notice every one. */
export const MUTANTS: readonly Mutant[] = [
  // Collecting fields
  {
    file: 'conditions.ts',
    find: "if (typeof value === 'boolean') return value",
    replace: 'if (value !== undefined) return Boolean(value)',
  },
  { file: 'conditions.ts', find: 'skip !== undefined && evaluate(skip, values, false)', replace: 'false' },
  { file: 'conditions.ts', find: 'include === undefined || evaluate(include, values, true)', replace: 'true' },
  { file: 'conditions.ts', find: "key += value === null ? 'n' : value ? 't' : 'f'", replace: "key += 'x'" },
  { file: 'collect-fields.ts', find: 'else merged.push(node)', replace: 'else merged[0] = node' },
  {
    file: 'collect-fields.ts',
    find: 'visited.add(selection.name.value)',
    replace: 'visited.delete(selection.name.value)',
  },
  {
    file: 'collect-fields.ts',
    find: ' || (isAbstractType(conditional) && schema.isSubType(conditional, type))',
    replace: '',
  },
  {
    file: 'collect-fields.ts',
    find: 'if (condition === undefined) return true',
    replace: 'if (condition === undefined) return false',
  },
  // Planning
  { file: 'plan-entity.ts', find: 'views: ascending(views),', replace: 'views: ascending(views).slice(1),' },
  {
    file: 'planner.ts',
    find: "{ kind: 'entities', entity: meaning.entity }",
    replace: "{ kind: 'entity', entity: meaning.entity }",
  },
  { file: 'operation.ts', find: 'if (operations.length > 1)', replace: 'if (operations.length > 2)' },
  { file: 'serving.ts', find: 'operationName === undefined ? text :', replace: 'true ? text :' },
  { file: 'fallback.ts', find: 'selections: field.nodes', replace: 'selections: field.nodes.slice(0, 1)' },
  { file: 'plan-entity.ts', find: 'stage: place.stage + 1', replace: 'stage: place.stage' },
  { file: 'plan-entity.ts', find: "key.from === 'feature' ? [key.feature] : []", replace: '[]' },
  {
    file: 'planning.ts',
    find: 'else for (const input of feature.view.inputs) addViews(views, input.feature)',
    replace: '',
  },
  {
    file: 'plan-service.ts',
    find: "if (field.kind === 'column' && hasList(field))",
    replace: "if (field.kind === 'column')",
  },
  { file: 'arguments.ts', find: 'if (names == null) return stored', replace: 'if (names == null) return []' },
  { file: 'representation.ts', find: ' || given[name] == null', replace: '' },
  { file: 'representation.ts', find: 'entity.keys.find(', replace: 'entity.keys.slice(1).find(' },
  // Reading
  { file: 'merge-scans.ts', find: 'found[place * cells.length +', replace: 'found[place * scan.cells.length +' },
  { file: 'row-set.ts', find: 'return stored.kind === declared.kind', replace: 'return true' },
  { file: 'row-set.ts', find: 'declared.dimensions === stored.dimensions', replace: 'true' },
  { file: 'scans.ts', find: 'if (cell instanceof Error) return cell\n', replace: '' },
  {
    file: 'scans.ts',
    find: 'if (selection.infoSites.length === 0) return selection.views',
    replace: 'return selection.views',
  },
  { file: 'scans.ts', find: 'key.includes(null) ? null : ', replace: '' },
  { file: 'row-set.ts', find: 'timeless: view.source.eventTime === undefined', replace: 'timeless: false' },
  {
    file: 'row-set.ts',
    find: 'const limits = { ttlMicros, retentionMicros,',
    replace: 'const limits = { ttlMicros, retentionMicros: retentionMicros && 0,',
  },
  { file: 'row-set.ts', find: 'column >= 0 && isNullValue(row.header!, column)', replace: 'false' },
  { file: 'row-set.ts', find: 'return isSame ? index : -1', replace: 'return isSame ? index - 1 : -1' },
  // On-demand functions
  { file: 'on-demand-calls.ts', find: 'values, args, nowMicros)', replace: 'values, args, 0)' },
  {
    file: 'on-demand-calls.ts',
    find: '({ error: inputFailed(view, of, name) })',
    replace: '({ error: value, of, name })',
  },
  {
    file: 'writer/write-on-demand.ts',
    find: "outcome.status === 'PRESENT' || feature.default !== undefined",
    replace: "outcome.status === 'PRESENT'",
  },
  {
    file: 'on-demand-calls.ts',
    find: "status === 'PRESENT' ? decodeWire(feature.dtype, text!) : (feature.default ?? null)",
    replace: "status === 'PRESENT' ? decodeWire(feature.dtype, text!) : null",
  },
  { file: 'on-demand-calls.ts', find: ", textOf(args)].join(' ')", replace: "].join(' ')" },
  { file: 'writer/write-on-demand.ts', find: 'else out.raw(otherwise)', replace: 'else out.raw(NULL)' },
  // Coercion
  { file: 'coerce-variables.ts', find: '(given == null ? REFUSED : coerce(given))', replace: 'coerce(given)' },
  { file: 'coerce-variables.ts', find: 'return value === REFUSED ? REFUSED : [value]', replace: 'return value' },
  { file: 'coerce-variables.ts', find: 'if (definitions[name] === undefined) return REFUSED', replace: 'void name' },
  { file: 'coerce-variables.ts', find: ': valueFromAST(definition.defaultValue, type)', replace: ': undefined' },
  {
    file: 'coerce-variables.ts',
    find: 'if (value !== undefined) coerced[name] = value',
    replace: 'coerced[name] = value ?? null',
  },
  { file: 'coerce-variables.ts', find: 'const value = type.parseValue(given)', replace: 'const value = given' },
  { file: 'arguments.ts', find: 'found == null && isNonNullType(type) ? REFUSED : found', replace: 'found' },
  {
    file: 'arguments.ts',
    find: 'if (!Object.hasOwn(variables, name)) return absent',
    replace: 'if (!Object.hasOwn(variables, name)) return null',
  },
  {
    file: 'arguments.ts',
    find: 'return value.fields.some((field) => hasVariable(field.value))',
    replace: 'return false',
  },
  // Generated code
  { file: 'writer/generate-run.ts', find: 'previous?.featureIndex === column - 1', replace: 'previous !== undefined' },
  { file: 'writer/generate-run.ts', find: '=== 0x6e) {', replace: '=== 0) {' },
  { file: 'writer/generate-run.ts', find: 'cell.columns !== own || ', replace: '' },
  { file: 'writer/generate-run.ts', find: " || cell.status !== 'PRESENT'", replace: '' },
  { file: 'writer/generate-run.ts', find: 'at++, from.getUint8(start)', replace: 'at, from.getUint8(start)' },
  { file: 'plan-variants.ts', find: 'const name = conditionKey(conditionNames, coerced)', replace: "const name = ''" },
  // Writing
  { file: 'byte-writer.ts', find: 'this.bytes.copy(grown, 0, 0, this.at)', replace: '' },
  { file: 'writer/write-entity.ts', find: 'last[0].feature.view === field.feature.view', replace: 'true' },
  {
    file: 'writer/write-stored.ts',
    find: 'absent: Buffer.concat(leaves.flatMap',
    replace: 'absent: Buffer.concat(leaves.slice(0, 1).flatMap',
  },
  { file: 'writer/write-stored.ts', find: 'column < 0 || cell.bytes[start] === LETTER_N', replace: 'column < 0' },
  {
    file: 'writer/write-stored.ts',
    find: "if (cell.status !== 'PRESENT') out",
    replace: "if (cell.status === 'NOT_FOUND') out",
  },
  { file: 'writer/write-stored.ts', find: '[prefix, otherwise])', replace: '[prefix, NULL])' },
  {
    file: 'writer/write-vector.ts',
    find: 'decodeVector(unquoted(bytes)).join',
    replace: 'decodeVector(unquoted(bytes)).reverse().join',
  },
  {
    file: 'writer/write-feature-info.ts',
    find: '(nowMicros - eventMicros) / 1_000_000',
    replace: '(nowMicros - eventMicros) / 1_000',
  },
  {
    file: 'writer/write-feature-info.ts',
    find: 'told.cell.staleMillis !== undefined',
    replace: 'false',
  },
  { file: 'row-set.ts', find: 'onStale()\n', replace: '' },
  { file: 'stale-views.ts', find: 'if (failure !== undefined) continue\n', replace: '' },
  { file: 'stale-views.ts', find: ' || seen.has(cell)', replace: '' },
  { file: 'stale-views.ts', find: 'neededViews(state, selection)', replace: 'selection.entity.batchViews.keys()' },
  {
    file: 'writer/write-feature-info.ts',
    find: "status === 'NOT_FOUND' || isTimeless",
    replace: "status === 'NOT_FOUND'",
  },
  {
    file: 'writer/write-service.ts',
    find: 'ofRole: member === firstOfRole',
    replace: 'ofRole: member === firstOfColumn',
  },
  { file: 'writer/write-service.ts', find: 'ofFeature: member === firstOfColumn', replace: 'ofFeature: true' },
  // Errors
  {
    file: 'writer/write-service.ts',
    find: 'tells.ofFeature || error === list.vector?.refusal',
    replace: 'tells.ofFeature',
  },
  { file: 'writer/write-root.ts', find: 'if (root.refusal !== undefined) {', replace: 'if (false) {' },
  {
    file: 'writer/write-root.ts',
    find: "return !('definition' in field && isNonNullType(field.definition.type))",
    replace: 'return true',
  },
  { file: 'writer/write-root.ts', find: 'for (const error of outcome.errors) addLocated(context, error)', replace: '' },
  { file: 'errors-in-place.ts', find: 'report.leftOut += 1', replace: '' },
  {
    file: 'writer/write-entity.ts',
    find: 'else if (refusal !== undefined) writeError(context, refusal, nodes)',
    replace: '',
  },
  {
    file: 'writer/write-service.ts',
    find: 'if (selection.refusal !== undefined) writeError(context, selection.refusal, nodes)\n    else',
    replace: '',
  },
  {
    file: 'writer/write-feature-info.ts',
    find: 'refusal !== undefined && features.length > 0',
    replace: 'refusal !== undefined',
  },
  {
    file: 'writer/write-stored.ts',
    find: 'else if (vector.refusal !== undefined) writeErrorBelow(context, vector.refusal, field)',
    replace: '',
  },
  {
    file: 'errors-in-place.ts',
    find: 'locatedError(error, nodes, [...place.path])',
    replace: 'locatedError(error, nodes.slice(0, 1), [...place.path])',
  },
  {
    file: 'answer.ts',
    find: 'JSON.stringify(formatted)},`), out',
    replace: 'JSON.stringify(formatted.reverse())},`), out',
  },
]
