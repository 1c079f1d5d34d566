import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acquireLease } from '../../src/stores/online/leases.ts'
import { lmdb } from '../../src/stores/online/lmdb.ts'
import { createRecords } from '../../src/stores/online/records.ts'
import { CONFIG, features } from '../support/cities-files.ts'
import { fieldstone, type UserFolder, userFolder } from '../support/command-line.ts'
import { openContext } from '../support/open-context.ts'

/** As the config of `CONFIG` has it. */
const ONLINE = '.fieldstone/online'

let folder: UserFolder
const run = (...words: readonly string[]) => fieldstone(words, { cwd: folder.path })

beforeAll(async () => {
  folder = await userFolder({ 'fieldstone.config.ts': CONFIG, 'features.ts': features() })
  expect(await run('apply')).toMatchObject({ code: 0 })
  expect(await run('materialize')).toMatchObject({ code: 0 })
})

afterAll(() => folder.remove())

describe('changes of the definitions', () => {
  test('a feature that is added is safe', async () => {
    await folder.write('features.ts', features({ more: 'rain: float64(), embedding: vector(2)' }))
    expect((await run('plan')).stdout).toMatch(/safe .*rain/)
    expect(await run('apply')).toMatchObject({ code: 0 })
    expect(await run('materialize')).toMatchObject({ code: 0 })
    const { stdout } = await run('get', 'City', 'country=NO', 'name=Oslo')
    expect(stdout).toMatch(/^rain +1\.5 +PRESENT/m)
    expect(stdout).toMatch(/^embedding +\[0\.5,1\.5\] +PRESENT/m)
  })

  test('a feature that goes away needs leave', async () => {
    await folder.write('features.ts', features({ more: 'rain: float64()' }))
    expect((await run('plan')).stdout).toMatch(/^destructive +feature City\.embedding: removed$/m)
    const { code, stderr } = await run('apply')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error CHANGE_DESTRUCTIVE[\s\S]*mend {2}Pass --allow-destructive/m)
    expect(await run('apply', '--allow-destructive')).toMatchObject({ code: 0 })
  })

  test('a dtype that is changed is breaking: plan says so, apply refuses', async () => {
    await folder.write('features.ts', features({ more: 'rain: float64()', dtype: 'int64' }))
    const plan = await run('plan')
    expect(plan.code).toBe(0)
    expect(plan.stdout).toMatch(/breaking .*visits/)
    const { code, stderr } = await run('apply')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error CHANGE_BREAKING/m)
  })

  test('in a new version it is not, and both versions are kept side by side', async () => {
    await folder.write('features.ts', features({ more: 'rain: float64()', dtype: 'int64', version: 2 }))
    expect(await run('apply')).toMatchObject({ code: 0 })
    expect(await run('materialize')).toMatchObject({ code: 0 })
    const { stdout } = await run('get', 'City', 'country=NO', 'name=Oslo', '--format', 'json')
    expect(JSON.parse(stdout)[0].features.visits).toMatchObject({ value: '7', status: 'PRESENT' })
    expect((await run('plan')).stdout).toMatch(/cityDaily@1/)
    await folder.write('features.ts', features({ more: 'rain: float64()' }))
    expect((await run('get', 'City', 'country=NO', 'name=Oslo')).stdout).toMatch(/^visits +7 +PRESENT/m)
  })

  test('a version is not dropped under a run', async () => {
    await folder.write('features.ts', features({ more: 'rain: float64()', dtype: 'int64', version: 2 }))
    const online = await lmdb({ path: ONLINE }).open({ path: ONLINE }, openContext(folder.path))
    const lease = await acquireLease(createRecords(online), 'materialize cityDaily@1')
    const { code, stderr } = await run('apply', '--allow-destructive')
    await lease.release()
    await online.close()
    expect(code).toBe(5)
    expect(stderr).toMatch(/^error LEASE_HELD[\s\S]*cityDaily@1/m)
  })

  test('the old version goes with --allow-destructive alone', async () => {
    await folder.write('features.ts', features({ more: 'rain: float64()', dtype: 'int64', version: 2 }))
    expect(await run('apply', '--allow-destructive')).toMatchObject({ code: 0 })
    expect((await run('plan')).stdout).not.toMatch(/cityDaily@1/)
    await folder.write('features.ts', features({ more: 'rain: float64()' }))
    expect((await run('get', 'City', 'country=NO', 'name=Oslo')).stdout).toMatch(/^visits +NOT_FOUND/m)
  })
})
