import { join } from 'node:path'
import { deploymentOf } from '../../src/cli/load-config.ts'
import { runGateway } from '../../src/cli/run-gateway.ts'
import { defineConfig } from '../../src/registry/config.ts'
import { CLOCK } from '../serving/data.ts'
import { definitions } from '../serving/features.ts'
import { driverOf } from '../serving/stores.ts'
import { servePeer } from './peer.ts'

/** The product, with the settings that it has when nothing is set. */

await servePeer(async ({ place, folder, logLevel }) => {
  const config = defineConfig({ name: 'bench', definitions, online: driverOf(place), clock: CLOCK })
  const deployment = deploymentOf(join(folder, 'fieldstone.config.ts'), config)
  const { url, close } = await runGateway(deployment, { port: 0, production: true, logLevel })
  return { port: Number(new URL(url).port), close }
})
