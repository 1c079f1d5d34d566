import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { redis } from '../../../../src/stores/online/redis.ts'
import { openContext } from '../../../support/open-context.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

describe('the Redis driver', () => {
  test('is frozen data that opens nothing', () => {
    const driver = redis({ url: 'redis://nowhere' })
    expect(driver).toMatchObject({ kind: 'onlineDriver', name: 'redis', options: { url: 'redis://nowhere' } })
    expect([Object.isFrozen(driver), Object.isFrozen(driver.options)]).toEqual([true, true])
  })

  test('loads its library when it is opened, and says how to install it where it is missing', async () => {
    const source = new URL('../../../../src/stores/online/redis.ts', import.meta.url)
    const script = `
      import { registerHooks } from 'node:module'
      registerHooks({
        resolve(specifier, context, next) {
          if (specifier === 'ioredis') throw new Error('not installed')
          return next(specifier, context)
        },
      })
      const { redis } = await import('${source}')
      const error = await redis({ host: 'x' }).open({ host: 'x' }, { clock: {} }).catch((error) => error)
      console.log(error.code, error.message)`
    const args = ['--conditions=fieldstone-source', '--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: await temporaryFolder() })
    expect(stdout).toMatch(/^DRIVER_MISSING .*npm install ioredis/)
  })

  test('refuses options before it connects', async () => {
    const opened = redis({}).open({ host: 'x', port: 'y' }, openContext('.'))
    await expect(opened).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/port: .y/),
    })
  })
})
