import { FieldstoneError } from '../errors.ts'

/** Finds things by name in the order of the names. Throws NAME_UNKNOWN, listing what there is. */
export function findNamed<T extends { readonly name: string }>(
  kind: string,
  names: readonly string[],
  among: readonly T[],
): readonly T[] {
  return names.map((name) => {
    const found = among.find((item) => item.name === name)
    if (found !== undefined) return found
    throw new FieldstoneError('NAME_UNKNOWN', {
      seen: `${kind} '${name}'`,
      why: `The deployment defines ${among.map((item) => item.name).join(', ') || `no ${kind}`}.`,
    })
  })
}
