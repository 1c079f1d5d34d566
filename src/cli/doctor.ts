import type { Command } from 'commander'
import { EXIT_CODES } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'
import { contextOf, examples } from './verb.ts'

/** `fieldstone doctor` */
export function addDoctor(program: Command, terminal: Terminal): void {
  program
    .command('doctor')
    .summary('check config, stores and versions, and say what to mend')
    .description(
      'Checks Node, the config and its environment, the definitions, both stores, every source, and whether the definitions are applied. Each line is ok or says how to mend it. Exits with 3 where something is not ok.',
    )
    .addHelpText('after', examples('doctor'))
    .action(async (_options: unknown, command: Command) => {
      const { examine } = await import('./examine.ts')
      let bad = 0
      for await (const { subject, ok, detail, mend } of examine(contextOf(command, terminal).config)) {
        terminal.print(`${ok ? 'ok    ' : 'not ok'}  ${subject}: ${detail}`)
        if (!ok) bad += 1
        if (mend !== undefined) terminal.print(`        mend: ${mend}`)
      }
      terminal.print(bad === 0 ? 'all is well' : `${bad} to mend`)
      if (bad > 0) process.exitCode = EXIT_CODES.difference.code
    })
}
