import type { Terminal } from './terminal.ts'

/** Shows how far a piece of work is: a bar for a person, a plain line now and then otherwise. */
export interface ProgressReport {
  update(rows: number, note: string): void
  /** Ends the bar; lines may be printed again. */
  done(): void
}

const MILLIS_BETWEEN_LINES = 5_000

/** How many rows there will be is not known before they are read, so the bar counts and does not fill. */
export async function progressReport(terminal: Terminal, title: string): Promise<ProgressReport> {
  return terminal.isInteractive ? bar(title) : lines(terminal, title)
}

async function bar(title: string): Promise<ProgressReport> {
  const { SingleBar } = (await import('cli-progress')).default
  const shown = new SingleBar({ format: `${title}  {value} rows  {duration_formatted}  {note}`, clearOnComplete: true })
  shown.start(0, 0, { note: '' })
  return { update: (rows, note) => shown.update(rows, { note }), done: () => shown.stop() }
}

function lines(terminal: Terminal, title: string): ProgressReport {
  let nextMillis = performance.now() + MILLIS_BETWEEN_LINES
  return {
    update(rows, note) {
      if (performance.now() < nextMillis) return
      nextMillis = performance.now() + MILLIS_BETWEEN_LINES
      terminal.note(`${title}  ${rows} rows  ${note}`.trimEnd())
    },
    done() {},
  }
}
