import { watchDeployment } from '../../src/cli/dev/watch-deployment.ts'
import { type RunningGateway, runGateway, servedBy } from '../../src/cli/run-gateway.ts'

/**
 * A process of its own, for module hooks are Node's and not the test runner's: serves the config named by its argument,
 * swaps at each save, and tells of it in lines of JSON. Ends at SIGTERM.
 */
export type WatchedEvent =
  | { readonly kind: 'served'; readonly url: string; readonly fingerprint: string }
  | { readonly kind: 'error'; readonly message: string }

function tell(event: WatchedEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

let running: RunningGateway | undefined
const watch = await watchDeployment({
  configPath: process.argv[2]!,
  onChange: async (deployment) => {
    if (running === undefined) running = await runGateway(deployment, { port: 0 })
    else await running.gateway.swap({ registry: deployment.registry, ...servedBy(deployment, running.online, false) })
    tell({ kind: 'served', url: running.url, fingerprint: deployment.registry.fingerprint })
  },
  onError: (error) => tell({ kind: 'error', message: error instanceof Error ? error.message : String(error) }),
})

process.once('SIGTERM', async () => {
  await watch.close()
  await running?.close()
})
