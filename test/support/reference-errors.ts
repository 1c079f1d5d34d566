import type { GraphQLError } from 'graphql'

/** Errors in the order of their places in the answer; graphql-js lists them as they settle. */
export function sortErrors(data: unknown, errors: readonly GraphQLError[]): readonly GraphQLError[] {
  const places = new Map(errors.map((error) => [error, placeOf(data, error.path ?? [])]))
  return errors.toSorted((a, b) => comparePlaces(places.get(a)!, places.get(b)!))
}

/** At each step of a path the position among what stands beside it. */
function placeOf(data: unknown, path: readonly (string | number)[]): readonly number[] {
  let at = data
  return path.map((step) => {
    if (typeof at !== 'object' || at === null) return 0
    const position = typeof step === 'number' ? step : Object.keys(at).indexOf(step)
    at = (at as Record<string | number, unknown>)[step]
    return position
  })
}

function comparePlaces(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((position, step) => position !== b[step])
  if (index === -1) return a.length - b.length
  return a[index]! - (b[index] ?? -1)
}
