/** A selector of time series in a PromQL query. */
export interface Selector {
  readonly metric: string
  /** Labels that it matches, and those that an aggregation around it keeps or drops. */
  readonly labels: readonly string[]
}

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[smhdw])?)|([a-zA-Z_:][\w:]*)|("(?:[^"\\]|\\.)*")|(\$\w+|\$\{\w+\})|(=~|!~|!=|==|<=|>=|[-+*/%^(){}[\],=<>]))/gy

const FUNCTIONS = new Set(['rate', 'increase', 'histogram_quantile', 'label_values', 'clamp_min'])
const AGGREGATIONS = new Set(['sum', 'max', 'min', 'avg', 'count', 'topk'])
const OPERATORS = ['+', '-', '*', '/', '%', '^', '==', '!=', '<', '>', '<=', '>=']

/** The selectors of a query in as much of PromQL as dashboards use. Throws where the query is none. */
export function selectorsOf(query: string): readonly Selector[] {
  const tokens = tokensOf(query)
  let at = 0
  const peek = (): string | undefined => tokens[at]
  const take = (): string => tokens[at++] ?? fail('it ends too early')
  const expect = (token: string): void => {
    const taken = take()
    if (taken !== token) fail(`${taken} where ${token} should be`)
  }
  const fail = (why: string): never => {
    throw new Error(`${query}: ${why}`)
  }

  function listOf<T>(close: string, read: () => T): T[] {
    const found: T[] = []
    while (peek() !== close) {
      found.push(read())
      if (peek() !== close) expect(',')
    }
    expect(close)
    return found
  }

  function expression(): Selector[] {
    const found = operand()
    while (OPERATORS.includes(peek() ?? '')) {
      take()
      found.push(...operand())
    }
    return found
  }

  function operand(): Selector[] {
    const token = take()
    if (token === '-') return operand()
    if (token === '(') {
      const found = expression()
      expect(')')
      return found
    }
    if (/^[\d"]/.test(token)) return []
    if (!/^[a-zA-Z_:]/.test(token)) return fail(`${token} begins no expression`)
    if (AGGREGATIONS.has(token)) return aggregation()
    if (peek() === '(') {
      if (!FUNCTIONS.has(token)) return fail(`${token} is no function`)
      take()
      return listOf(')', expression).flat()
    }
    return [selector(token)]
  }

  function aggregation(): Selector[] {
    let labels: readonly string[] = []
    if (peek() === 'by' || peek() === 'without') {
      take()
      expect('(')
      labels = listOf(')', take)
    }
    expect('(')
    const inner = listOf(')', expression).flat()
    return inner.map((one) => ({ ...one, labels: [...one.labels, ...labels] }))
  }

  function selector(metric: string): Selector {
    const labels: string[] = []
    if (peek() === '{') {
      take()
      labels.push(...listOf('}', matcher))
    }
    if (peek() === '[') {
      take()
      if (!/^(\d+[smhdw]|\$\w+)$/.test(take())) fail('a range is no duration')
      expect(']')
    }
    return { metric, labels }
  }

  function matcher(): string {
    const label = take()
    if (!['=', '!=', '=~', '!~'].includes(take())) fail(`${label} is not matched`)
    if (!take().startsWith('"')) fail(`${label} is matched with no text`)
    return label
  }

  const found = expression()
  if (peek() !== undefined) fail(`${peek()} comes too late`)
  return found
}

function tokensOf(query: string): readonly string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < query.length) {
    const begin = TOKEN.lastIndex
    const match = TOKEN.exec(query)
    if (match === null) throw new Error(`${query}: no token at ${query.slice(begin)}`)
    tokens.push(match[0].trim())
  }
  return tokens
}
