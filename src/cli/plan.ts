import type { Command } from 'commander'
import type { Terminal } from './terminal.ts'
import { contextOf, examples } from './verb.ts'

/** `fieldstone plan` */
export function addPlan(program: Command, terminal: Terminal): void {
  program
    .command('plan')
    .summary('show what apply would change')
    .description(
      'Compares the definitions with what the online store has on record, and shows every change: safe, breaking (it needs a new view version) or destructive. Changes nothing.',
    )
    .addHelpText('after', examples('plan', 'plan --config deployments/eu/fieldstone.config.ts'))
    .action(async (_options: unknown, command: Command) => {
      const { loadDeployment } = await import('./load-config.ts')
      const { withOnline } = await import('./open-stores.ts')
      const { planChanges } = await import('./planned-changes.ts')
      const { planLines } = await import('./plan-lines.ts')
      const deployment = await loadDeployment(contextOf(command, terminal).config)
      const plan = await withOnline(deployment, (online) => planChanges(deployment, online))
      for (const line of planLines(plan, { isDropping: false })) terminal.print(line)
    })
}
