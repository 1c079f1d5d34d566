import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { utf8 } from '../../../../src/lib/bytes.ts'
import { lmdb } from '../../../../src/stores/online/lmdb.ts'
import { lmdbAddress, openLmdb } from '../../../support/open-lmdb.ts'
import { batchOfKilled, keyOf } from '../../../support/sample-rows.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

describe('the LMDB driver', () => {
  test('is frozen data that opens nothing', () => {
    const driver = lmdb({ path: 'somewhere' })
    expect(driver).toMatchObject({ kind: 'onlineDriver', name: 'lmdb', options: { path: 'somewhere' } })
    expect([Object.isFrozen(driver), Object.isFrozen(driver.options)]).toEqual([true, true])
  })

  test('loads its library when it is opened, and says how to install it where it is missing', async () => {
    const source = new URL('../../../../src/stores/online/lmdb.ts', import.meta.url)
    const script = `
      import { registerHooks } from 'node:module'
      registerHooks({
        resolve(specifier, context, next) {
          if (specifier === 'lmdb') throw new Error('not installed')
          return next(specifier, context)
        },
      })
      const { lmdb } = await import('${source}')
      const error = await lmdb({ path: 'x' }).open({ path: 'x' }, '.').catch((error) => error)
      console.log(error.code, error.message)`
    const args = ['--conditions=fieldstone-source', '--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: await temporaryFolder() })
    expect(stdout).toMatch(/^DRIVER_MISSING .*npm install lmdb/)
  })

  test.each([[undefined], [''], [7]])('refuses a path that is none: %o', async (path) => {
    const opened = lmdb({ path: '' }).open({ path }, await temporaryFolder())
    await expect(opened).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('path') })
  })

  test('makes the folders of its path, however they are called', async () => {
    const folder = await temporaryFolder()
    const path = 'new/folder.v1/online.mdb'
    const store = await lmdb({ path }).open({ path }, folder)
    expect(await store.health()).toEqual({ ok: true, detail: `lmdb at ${join(folder, path)} answers: 0 entries` })
    await store.close()
  })

  test('is STORE_UNAVAILABLE where it cannot open its folder', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'taken'), 'a file')
    const opened = lmdb({ path: 'taken' }).open({ path: 'taken' }, folder)
    await expect(opened).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('taken') })
  })

  test('stores nothing of an update that throws, not even of other keys', async () => {
    const store = await openLmdb()
    const place = { entity: 'Thing', view: 'v@1', keys: ['a', 'b'].map(keyOf), parts: [] }
    const failed = store.updateMany({
      ...place,
      update: (_, index) => {
        if (index === 1) throw new Error('no')
        return new Map([[0, utf8('new')]])
      },
    })
    // Updates that meet in one transaction do not share its fate.
    const other = store.updateMany({ ...place, keys: [keyOf('c')], update: () => new Map([[0, utf8('kept')]]) })
    await expect(failed).rejects.toThrow('no')
    await other
    const found = await store.read({
      entity: 'Thing',
      keys: ['a', 'b', 'c'].map(keyOf),
      cells: [{ view: 'v@1', part: 0 }],
    })
    expect(found.map((cell) => cell && Buffer.from(cell as Uint8Array).toString())).toEqual([
      undefined,
      undefined,
      'kept',
    ])
  })

  test('outlives a disk that is full, with all that was acknowledged', async () => {
    const address = await lmdbAddress()
    const tasks = fileURLToPath(new URL('../../../support/store-tasks.ts', import.meta.url))
    const words = [tasks, 'writeUntilFull', JSON.stringify(address), 'null']
    // A limit of 4 MB on what the process may write to a file stands for the disk.
    const args = ['-c', 'ulimit -f 8192 && exec "$0" --conditions=fieldstone-source "$@"', process.execPath, ...words]
    const { stdout } = await promisify(execFile)('sh', args)
    const { batches, codes, cellsAfter } = JSON.parse(stdout)
    expect(codes).toEqual(['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'])
    expect(cellsAfter).toBe(batches * 50)
    const store = await openLmdb(address)
    await store.write({ ...batchOfKilled(batches + 1), compare: () => -1 })
    expect((await store.health()).detail).toContain(`answers: ${(batches + 1) * 50} entries`)
  })

  test('refuses names that its keys cannot hold, already when they are planned', async () => {
    const store = await openLmdb()
    for (const view of [
      { entity: 'E'.repeat(256), view: 'v@1' },
      { entity: 'Thing', view: `${'v'.repeat(254)}@1` },
    ]) {
      const refused = expect.objectContaining({ code: 'DEFINITION_INVALID' })
      await expect(store.prepare({ views: [view] }, { dryRun: true })).rejects.toEqual(refused)
      const { entity } = view
      const read = store.read({ entity, keys: [keyOf('a')], cells: [{ view: view.view, part: 0 }] })
      await expect(read).rejects.toEqual(refused)
    }
  })
})
