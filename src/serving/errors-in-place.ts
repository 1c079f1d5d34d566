import { type FieldNode, type GraphQLError, locatedError } from 'graphql'

/** The errors of one answer and the place that is being written. */
export interface Place {
  /** Response keys and indexes from the root down; whoever descends pushes and pops. */
  readonly path: (string | number)[]
  /** In the order of the answer, for the answer is written in that order. */
  readonly errors: GraphQLError[]
}

export function startPlace(): Place {
  return { path: [], errors: [] }
}

/** Records an error at the current place, with the locations of all nodes merged into the field. */
export function addError(place: Place, error: Error, nodes: readonly FieldNode[]): void {
  place.errors.push(locatedError(error, nodes, [...place.path]))
}

/** As `addError`, one or two steps below the current place. */
export function addErrorBelow(
  place: Place,
  error: Error,
  below: { readonly steps: readonly (string | number)[]; readonly nodes: readonly FieldNode[] },
): void {
  place.errors.push(locatedError(error, below.nodes, [...place.path, ...below.steps]))
}
