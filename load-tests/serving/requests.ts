import type { BenchCase, Wire } from './cases.ts'
import { FEATURE_NAMES, FEATURES_PER_VIEW } from './features.ts'
import { createKeyDraw } from './keys.ts'

/** What one request asks for. */
export interface Asked {
  readonly path: string
  readonly ids: readonly string[]
  /** JSON. */
  readonly body: string
}

/** Requests of a case in a fixed order: the same for every subject of a wire, and the same keys for all. */
export function createRequests(benchCase: BenchCase, wire: Wire): () => Asked {
  const draw = createKeyDraw(benchCase.keyCount)
  let sequence = 0
  return () => {
    const drawn = draw()
    const asked = wire === 'graphql' ? graphqlRequest(benchCase, drawn, sequence) : rowsRequest(benchCase, drawn)
    sequence += 1
    return { ...asked, ids: drawn }
  }
}

function rowsRequest({ viewCount }: BenchCase, ids: readonly string[]) {
  return { path: `/rows/${viewCount * FEATURES_PER_VIEW}`, body: JSON.stringify({ keys: ids }) }
}

function graphqlRequest(benchCase: BenchCase, ids: readonly string[], sequence: number) {
  const body = JSON.stringify({ query: operationText(benchCase, sequence), variables: variablesOf(benchCase, ids) })
  return { path: '/graphql', body }
}

function variablesOf({ answer }: BenchCase, ids: readonly string[]) {
  switch (answer) {
    case 'entity':
      return { id: ids[0] }
    case 'entities':
      return { keys: ids.map((id) => ({ id })) }
    case 'columns':
      return { rows: ids.map((id) => ({ customer: { id } })) }
    default:
      return answer satisfies never
  }
}

/** How long `freshName` makes its names, always. */
const FRESH_DIGITS = 12

/** An alias that makes the text of `1x10-adhoc` new, as a client does that builds its operations. */
export function freshName(sequence: number): string {
  return `fresh${String(sequence).padStart(FRESH_DIGITS, '0')}`
}

function operationText({ answer, texts, viewCount }: BenchCase, sequence: number): string {
  const names = FEATURE_NAMES.slice(0, viewCount).flat()
  if (texts === 'twenty') return entityOperation(`Customer${sequence % 20}`, turned(sequence % 20))
  if (texts === 'new') return entityOperation('Customer', [`${freshName(sequence)}: ${names[0]}`, ...names.slice(1)])
  switch (answer) {
    case 'entity':
      return entityOperation('Customer', names)
    case 'entities':
      return `query Customers($keys: [CustomerKey!]!) {\n  customers(keys: $keys) {\n${selection(names, '    ')}  }\n}\n`
    case 'columns':
      return columnsOperation(names)
    default:
      return answer satisfies never
  }
}

/** Of twenty operations each view has four, which begin with other features. */
function turned(index: number): readonly string[] {
  const names = FEATURE_NAMES[index % FEATURE_NAMES.length]!
  const first = 2 * Math.floor(index / FEATURE_NAMES.length)
  return [...names.slice(first), ...names.slice(0, first)]
}

function entityOperation(name: string, fields: readonly string[]): string {
  return `query ${name}($id: ID!) {\n  customer(id: $id) {\n${selection(fields, '    ')}  }\n}\n`
}

function columnsOperation(names: readonly string[]): string {
  const fields = selection(
    names.map((name) => `${name} { values }`),
    '      ',
  )
  return `query Model($rows: [CustomerModelV1Row!]!) {\n  customerModelV1(rows: $rows) {\n    customer {\n${fields}    }\n  }\n}\n`
}

function selection(fields: readonly string[], indent: string): string {
  return fields.map((field) => `${indent}${field}\n`).join('')
}
