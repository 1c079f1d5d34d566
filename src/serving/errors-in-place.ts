import { type FieldNode, GraphQLError, locatedError } from 'graphql'
import { errorsOmitted } from './limit-error.ts'

/** The errors of one answer and the place that is being written. */
export interface Place {
  /** Response keys and indexes from the root down; whoever descends pushes and pops. */
  readonly path: (string | number)[]
  readonly report: ErrorReport
}

/** The first errors of an answer by place, for the answer is written in that order; the others are only counted. */
export interface ErrorReport {
  readonly errors: GraphQLError[]
  readonly maxErrors: number
  leftOut: number
}

/** The root of an answer that reports so many errors. */
export function startPlace(maxErrors: number): Place {
  return { path: [], report: { errors: [], maxErrors, leftOut: 0 } }
}

/** Records an error at the current place, with the locations of all nodes merged into the field. */
export function addError(place: Place, error: Error, nodes: readonly FieldNode[]): void {
  if (isFull(place.report)) return
  place.report.errors.push(locatedError(error, nodes, [...place.path]))
}

/** As `addError`, one or two steps below the current place. */
export function addErrorBelow(
  place: Place,
  error: Error,
  below: { readonly steps: readonly (string | number)[]; readonly nodes: readonly FieldNode[] },
): void {
  if (isFull(place.report)) return
  place.report.errors.push(locatedError(error, below.nodes, [...place.path, ...below.steps]))
}

/** Records an error that has its place already. */
export function addLocated({ report }: Place, error: GraphQLError): void {
  if (!isFull(report)) report.errors.push(error)
}

/** Counts an error for which there is no room, before anything is made of it: there may be as many as values. */
function isFull(report: ErrorReport): boolean {
  if (report.errors.length < report.maxErrors) return false
  report.leftOut += 1
  return true
}

/** As `reportedErrors`, of errors that are there already, in the order of an answer. */
export function withinLimit(errors: readonly GraphQLError[], maxErrors: number): readonly GraphQLError[] {
  return reportedErrors({
    errors: errors.slice(0, maxErrors),
    maxErrors,
    leftOut: Math.max(0, errors.length - maxErrors),
  })
}

/** What an answer tells: the errors that were recorded, and one more without a place where others were left out. */
export function reportedErrors({ errors, maxErrors, leftOut }: ErrorReport): readonly GraphQLError[] {
  if (leftOut === 0) return errors
  const omitted = errorsOmitted({ allowed: maxErrors, omitted: leftOut })
  return [...errors, new GraphQLError(omitted.message, { originalError: omitted })]
}
