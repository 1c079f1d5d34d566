/** A GraphQL string literal on one line. */
export function quoted(text: string): string {
  // JSON's escapes are a subset of GraphQL's, save for U+2028 and U+2029, which both take raw.
  return JSON.stringify(text)
}

/** A description before what it describes, with the space between; nothing where there is none. */
export function description(text: string | undefined): string {
  return text === undefined ? '' : `${quoted(text)} `
}

/** A definition with a line for each of its parts. */
export function block(head: string, lines: readonly string[]): string {
  return `${head} {\n  ${lines.join('\n  ')}\n}`
}
