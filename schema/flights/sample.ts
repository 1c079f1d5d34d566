import { resolve } from 'node:path'
import { assertPortFree } from '../../src/cli/free-port.ts'
import { type Deployment, deploymentOf } from '../../src/cli/load-config.ts'
import { materializeViews } from '../../src/cli/materialize-views.ts'
import { withOnline } from '../../src/cli/open-stores.ts'
import { applyChanges } from '../../src/cli/planned-changes.ts'
import { portOf, type RunningGateway, runGateway } from '../../src/cli/run-gateway.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import { interruptible } from '../../src/cli/until-stopped.ts'
import { waitForLease } from '../../src/cli/wait-for-lease.ts'
import { buildTables } from './build-tables.ts'
import { flightsConfig } from './fieldstone.config.ts'

export interface SampleOptions {
  /** Absolute; where the tables and the online store are kept from one start to the next. */
  readonly stateDirectory: string
  /** Undefined: `PORT` of the environment, then 4000. */
  readonly port: number | undefined
  readonly terminal: Terminal
}

/**
 * Does all that the sample needs and serves it: builds the offline tables, applies, materializes, starts the gateway.
 * What an earlier start has done stays done, however far it came. Throws PORT_IN_USE before any work.
 */
export async function startSample({ stateDirectory, port, terminal }: SampleOptions): Promise<RunningGateway> {
  const deployment = deploymentOf(resolve(import.meta.dirname, 'fieldstone.config.ts'), flightsConfig(stateDirectory))
  const { host, port: configured } = deployment.config.server
  await assertPortFree(portOf(port, configured), host)
  await interruptible((signal) => prepare(deployment, { stateDirectory, terminal, signal }))
  return runGateway(deployment, { port })
}

interface PrepareOptions {
  readonly stateDirectory: string
  readonly terminal: Terminal
  readonly signal: AbortSignal
}

async function prepare(deployment: Deployment, options: PrepareOptions): Promise<void> {
  const { stateDirectory, terminal, signal } = options
  const built = await buildTables(stateDirectory)
  if (built.length > 0) terminal.note(`built the offline tables ${built.join(', ')}`)
  signal.throwIfAborted()
  await fillOnlineStore(deployment, terminal, signal)
}

/** Applies the definitions and materializes what is due. */
export async function fillOnlineStore(deployment: Deployment, terminal: Terminal, signal: AbortSignal): Promise<void> {
  await withOnline(deployment, async (online) => {
    // A start that was killed leaves leases behind, for half a minute at the most.
    await waitForLease(() => applyChanges(deployment, online, { allowDestructive: false }), { terminal, signal })
    // By the views' own schedules: a second start on the same (fixed) day finds nothing due.
    await materializeViews(deployment, online, { due: true, waits: true, terminal, signal })
  })
}
