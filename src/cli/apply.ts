import type { Command } from 'commander'
import type { Terminal } from './terminal.ts'
import { contextOf, examples } from './verb.ts'

/** `fieldstone apply` */
export function addApply(program: Command, terminal: Terminal): void {
  program
    .command('apply')
    .summary('record the definitions in the online store')
    .description(
      'Does what plan shows: prepares the online store and records the definitions in it, so that they can be materialized. Refuses breaking changes, and destructive ones unless they are allowed; then nothing is changed.',
    )
    .option(
      '--allow-destructive',
      'also delete the stored rows of views and versions that the definitions no longer hold',
    )
    .addHelpText('after', examples('apply', 'apply --allow-destructive'))
    .action(async (options: { readonly allowDestructive?: true }, command: Command) => {
      const { loadDeployment } = await import('./load-config.ts')
      const { withOnline } = await import('./open-stores.ts')
      const { applyChanges } = await import('./planned-changes.ts')
      const { planLines } = await import('./plan-lines.ts')
      const deployment = await loadDeployment(contextOf(command, terminal).config)
      const allowDestructive = options.allowDestructive === true
      const plan = await withOnline(deployment, (online) => applyChanges(deployment, online, { allowDestructive }))
      for (const line of planLines(plan, { isDropping: allowDestructive })) terminal.print(line)
      terminal.note(`applied ${deployment.config.name}`)
    })
}
