import type { Deployment } from '../load-config.ts'
import { materializeViews } from '../materialize-views.ts'
import { applyChanges, planChanges, refusalOf } from '../planned-changes.ts'
import { reportError } from '../report-error.ts'
import { type RunningGateway, runGateway, servedBy } from '../run-gateway.ts'
import type { Terminal } from '../terminal.ts'
import { watchDeployment } from './watch-deployment.ts'

export interface DevOptions {
  /** Absolute. */
  readonly configFile: string
  /** Undefined: `PORT` of the environment, then the config's. */
  readonly port: number | undefined
  readonly terminal: Terminal
  /** Whether errors are printed with their stacks. */
  readonly verbose: boolean
  /** Aborted before `close`: work in hand is left where it is. */
  readonly signal: AbortSignal
}

/**
 * Serves a deployment and takes up each change of its files. Throws where the first start fails: later errors are printed,
 * and what was served before goes on being served.
 */
export async function startDev(options: DevOptions): Promise<{ close(): Promise<void> }> {
  const { terminal, verbose, signal } = options
  let running: RunningGateway | undefined
  let firstError: unknown

  async function onChange(deployment: Deployment): Promise<void> {
    const isFirst = running === undefined
    if (running === undefined) running = await runGateway(deployment, { port: options.port, production: false })
    else await running.gateway.swap({ registry: deployment.registry, ...servedBy(deployment, running.online, false) })
    terminal.note(isFirst ? `GraphiQL is at ${running.url}` : 'swapped the schema')
    await fill(deployment, running, { terminal, signal, everything: isFirst })
  }

  const watch = await watchDeployment({
    configPath: options.configFile,
    onChange,
    onError: (error) => {
      if (signal.aborted) return
      firstError ??= error
      if (running !== undefined) reportError(error, terminal, verbose)
    },
  })
  if (running === undefined) {
    await watch.close()
    throw firstError
  }
  const { close } = running
  return {
    close: async () => {
      await watch.close()
      await close()
    },
  }
}

interface FillOptions {
  readonly terminal: Terminal
  readonly signal: AbortSignal
  /** Whether every view is brought up to date, or only those that the change touches. */
  readonly everything: boolean
}

/** Applies a change where that is safe, and brings rows into the views that it made or widened. */
async function fill(deployment: Deployment, { online }: RunningGateway, options: FillOptions): Promise<void> {
  const { terminal, signal, everything } = options
  const plan = await planChanges(deployment, online)
  const refusal = refusalOf(plan, { allowDestructive: false })
  if (refusal !== undefined) {
    reportError(refusal, terminal, false)
    terminal.note('served, but not applied')
    return
  }
  for (const { subject, description } of plan.changes) terminal.note(`applied: ${subject}: ${description}`)
  await applyChanges(deployment, online, { allowDestructive: false })
  if (deployment.config.offline === undefined) return
  const view = plan.unfilled.map((unfilled) => unfilled.name)
  if (everything) await materializeViews(deployment, online, { incremental: true, terminal, signal })
  else if (view.length > 0) await materializeViews(deployment, online, { view, terminal, signal })
}
