import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'

test.each(['@opentelemetry/sdk-trace', '@opentelemetry/exporter-trace-otlp-http'])(
  'traces without %s are refused with what to install',
  async (library) => {
    const source = new URL('../../../src/cli/start-tracing.ts', import.meta.url)
    const script = `
      import { registerHooks } from 'node:module'
      registerHooks({
        resolve(specifier, context, next) {
          if (specifier === '${library}') throw new Error('not installed')
          return next(specifier, context)
        },
      })
      const { startTracing } = await import('${source}')
      const error = await startTracing({ endpoint: 'http://127.0.0.1:1' }).catch((error) => error)
      console.log(error.code, error.message)`
    const args = ['--conditions=fieldstone-source', '--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: await temporaryFolder() })
    expect(stdout).toMatch(
      /^DRIVER_MISSING .*npm install @opentelemetry\/sdk-trace @opentelemetry\/exporter-trace-otlp-http/,
    )
  },
)
