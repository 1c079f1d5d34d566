/** Where a command writes. What it was asked for goes to `print` (stdout), all else to `note` (stderr), so that answers can be piped. */
export interface Terminal {
  print(line: string): void
  note(line: string): void
  /** Whether a person is looking at stderr: progress bars instead of lines. */
  readonly isInteractive: boolean
}

/** The process's own streams. A reader that has seen enough (`| head`) ends the process without a word. */
export function processTerminal(): Terminal {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
  return {
    print: (line) => process.stdout.write(`${line}\n`),
    note: (line) => process.stderr.write(`${line}\n`),
    isInteractive: process.stderr.isTTY === true,
  }
}
