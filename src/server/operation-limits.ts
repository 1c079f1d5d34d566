import {
  type DocumentNode,
  GraphQLError,
  Kind,
  Lexer,
  NoFragmentCyclesRule,
  Source,
  TokenKind,
  type ValidationContext,
  type ValidationRule,
  visit,
} from 'graphql'
import type { FieldstoneError } from '../errors.ts'
import type { Limits } from '../registry/limits.ts'
import { type LimitPassed, limitExceeded } from '../serving/limit-error.ts'
import { type MeasuredDocument, measureDocument, type OperationSize, type Part } from './operation-size.ts'

/** Selection sets one within another, through fragments. What walks an operation goes down the stack with each; 200 fields fit in. */
export const MAX_NESTING = 400

/**
 * Errors of one validation, the last one aside. Each may look for names that are meant among all of a type's: 50 take 0.1 s
 * where an entity has 2,000 features.
 */
const MAX_VALIDATION_ERRORS = 50

/** What graphql-js's `validate` is called with, beside the rules. */
export function validationOptions(limits: Limits): { readonly maxErrors: number } {
  return { maxErrors: Math.min(limits.maxErrors, MAX_VALIDATION_ERRORS) }
}

/** Walked in the place of a document that is refused. */
const NO_DOCUMENT: DocumentNode = { kind: Kind.DOCUMENT, definitions: [] }

/**
 * Holds the limits on an operation's text: depth, aliases, directives, and fields with all fragments written out (no more than
 * tokens). What it refuses is walked no further, so that no rule spends time or stack on it. Fragments that are spread within
 * themselves are refused here too, in graphql-js's own words.
 */
export function operationLimitsRule(limits: Limits): ValidationRule {
  return (context) => ({
    Document: (document) => (refuse(context, measureDocument(document), limits) ? NO_DOCUMENT : undefined),
  })
}

/** Whether something was refused, and so reported. */
function refuse(context: ValidationContext, measured: MeasuredDocument, limits: Limits): boolean {
  const nested = measured.parts.find((part) => measured.sizeOf(part).nesting > MAX_NESTING)
  if (nested !== undefined) {
    context.reportError(nestsTooDeep(nested))
    return true
  }
  if (measured.isCyclic) {
    visit(context.getDocument(), NoFragmentCyclesRule(context))
    return true
  }
  const errors = COUNTED.flatMap(([measure, limit]) => violation(measured, { measure, limit, allowed: limits[limit] }))
  for (const error of errors) context.reportError(error)
  return errors.length > 0
}

function nestsTooDeep({ node }: Part): GraphQLError {
  const message = `Selections nest too deep: ${MAX_NESTING} may be one within another, those of fragments included.`
  return new GraphQLError(message, { nodes: node })
}

const COUNTED: readonly (readonly [keyof OperationSize, keyof Limits])[] = [
  ['depth', 'maxDepth'],
  ['aliases', 'maxAliases'],
  ['directives', 'maxDirectives'],
  ['fields', 'maxTokens'],
]

interface Counting {
  readonly measure: keyof OperationSize
  readonly limit: keyof Limits
  readonly allowed: number
}

/** One for each limit, of the first operation that passes it. */
function violation(measured: MeasuredDocument, counting: Counting): readonly GraphQLError[] {
  const { measure, limit, allowed } = counting
  const passing = measured.parts.find(
    (part) => part.node.kind === Kind.OPERATION_DEFINITION && measured.sizeOf(part)[measure] > allowed,
  )
  if (passing === undefined) return []
  const value = measured.sizeOf(passing)[measure]
  const seen = measure === 'fields' ? { seen: `an operation of ${value} fields where fragments are written out` } : {}
  return [located({ limit, allowed, value, ...seen }, measured.placeOf(measure, passing, allowed))]
}

function located(passed: LimitPassed, node: ReturnType<MeasuredDocument['placeOf']>): GraphQLError {
  const originalError = limitExceeded(passed)
  return new GraphQLError(originalError.message, { nodes: node, originalError })
}

/** graphql-js's words where a text has more than `maxTokens`, and those where it gives up to compare selections. */
const TOO_MANY_TOKENS = /^Syntax Error: Document contains more tha[nt] \d+ tokens\b/
const GIVEN_UP = 'Validation aborted.'

/** How many times the limit tokens are counted up to. */
const TIMES_COUNTED = 10

/** The coded error for graphql-js's own one where a text has more than `limits.maxTokens`, which Apollo has it hold. Undefined for any other. */
export function tokenLimitError(error: GraphQLError, limits: Limits): FieldstoneError | undefined {
  if (!TOO_MANY_TOKENS.test(error.message)) return undefined
  const allowed = limits.maxTokens
  const most = allowed * TIMES_COUNTED
  const value = countTokens(error.source?.body ?? '', most)
  // The parser stopped at one more than allowed, whatever the rest of the text is.
  if (value < most) return limitExceeded({ limit: 'maxTokens', allowed, value: Math.max(value, allowed + 1) })
  return limitExceeded({
    limit: 'maxTokens',
    allowed,
    value,
    seen: `a request with an operation of ${most} tokens or more`,
  })
}

/** How many tokens a text has, as far as it lexes, and at most so many. */
function countTokens(text: string, most: number): number {
  const lexer = new Lexer(new Source(text))
  let count = 0
  try {
    while (count < most && lexer.advance().kind !== TokenKind.EOF) count += 1
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
  }
  return count
}

/** What to say where graphql-js gives up a validation, which it does in two words. Undefined for any other error. */
export function givenUpError(error: GraphQLError): GraphQLError | undefined {
  if (error.message !== GIVEN_UP) return undefined
  return new GraphQLError(
    'Validation aborted: too many selections of the same fields would have to be compared. Select each field once, and spread fewer fragments side by side.',
  )
}
