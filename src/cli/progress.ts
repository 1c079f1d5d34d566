import type { Terminal } from './terminal.ts'

/** Shows how far a piece of work is: a bar for a person, a plain line now and then otherwise. */
export interface ProgressReport {
  /** @param fraction 0 to 1; undefined where it is not known, and then only rows are counted */
  update(rows: number, fraction: number | undefined): void
  /** Ends the bar; lines may be printed again. */
  done(): void
}

const MILLIS_BETWEEN_LINES = 5_000

/** @param millisBetweenLines where lines are printed and no bar is drawn */
export async function progressReport(
  terminal: Terminal,
  title: string,
  millisBetweenLines = MILLIS_BETWEEN_LINES,
): Promise<ProgressReport> {
  return terminal.isInteractive ? bar(title) : lines(terminal, title, millisBetweenLines)
}

async function bar(title: string): Promise<ProgressReport> {
  const { SingleBar } = (await import('cli-progress')).default
  const format = `${title}  {bar}  {rows} rows  {duration_formatted}`
  const shown = new SingleBar({ format, barsize: 24, clearOnComplete: true, hideCursor: true })
  shown.start(1, 0, { rows: 0 })
  return { update: (rows, fraction = 0) => shown.update(fraction, { rows }), done: () => shown.stop() }
}

function lines(terminal: Terminal, title: string, millisBetweenLines: number): ProgressReport {
  let nextMillis = performance.now() + millisBetweenLines
  return {
    update(rows, fraction) {
      if (performance.now() < nextMillis) return
      nextMillis = performance.now() + millisBetweenLines
      const percent = fraction === undefined ? '' : `  ${Math.floor(fraction * 100)} %`
      terminal.note(`${title}  ${rows} rows${percent}`)
    },
    done() {},
  }
}
