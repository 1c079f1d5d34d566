/** What a caller's own function threw, on its way through a store's call: it is passed on as it is. */
export class CallerError extends Error {
  override readonly name = 'CallerError'
  readonly thrown: unknown

  constructor(thrown: unknown) {
    super('a function of the caller threw', { cause: thrown })
    this.thrown = thrown
  }
}

/** Runs a function of the caller, marking what it throws. */
export function callOut<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw new CallerError(error)
  }
}
