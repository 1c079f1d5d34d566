/** Lines of a table with its columns aligned; cells that hold numbers in every row stand to the right. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((title, column) => Math.max(width(title), ...rows.map((row) => width(row[column] ?? ''))))
  const right = head.map((_, column) => rows.every((row) => /^(-?[\d.,]+(e[+-]?\d+)?|)$/.test(row[column] ?? '')))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => pad(cell, widths[column]!, right[column]!))
      .join('  ')
      .trimEnd()
  return [line(head), widths.map((length) => '-'.repeat(length)).join('  '), ...rows.map(line)]
}

function pad(cell: string, length: number, toTheRight: boolean): string {
  const space = ' '.repeat(Math.max(0, length - width(cell)))
  return toTheRight ? space + cell : cell + space
}

function width(text: string): number {
  return [...text].length
}
