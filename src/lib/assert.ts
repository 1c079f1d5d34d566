/** Throws when our own code broke a promise. Never for bad input: that is a `FieldstoneError` with a code. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken (a bug in Fieldstone): ${message}`)
}
