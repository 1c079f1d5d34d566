import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { open as openDatabase } from 'lmdb'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fromUtf8, utf8 } from '../../../../src/lib/bytes.ts'
import { entityPrefix, physicalKey, ROW_SUFFIX } from '../../../../src/stores/online/lmdb/physical-key.ts'
import { lmdb } from '../../../../src/stores/online/lmdb.ts'
import type { OnlineStore } from '../../../../src/stores/online/online-store.ts'
import { put, textsOf } from '../../../contract/online/plain-cells.ts'
import { openContext } from '../../../support/open-context.ts'
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
      const error = await lmdb({ path: 'x' }).open({ path: 'x' }, { baseDirectory: '.' }).catch((error) => error)
      console.log(error.code, error.message)`
    const args = ['--conditions=fieldstone-source', '--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: await temporaryFolder() })
    expect(stdout).toMatch(/^DRIVER_MISSING .*npm install lmdb/)
  })

  test.each([[undefined], [''], [7]])('refuses a path that is none: %o', async (path) => {
    const opened = lmdb({ path: '' }).open({ path }, openContext(await temporaryFolder()))
    await expect(opened).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('path') })
  })

  test('makes the folders of its path, however they are called', async () => {
    const folder = await temporaryFolder()
    const path = 'new/folder.v1/online.mdb'
    const store = await lmdb({ path }).open({ path }, openContext(folder))
    expect(await store.health()).toEqual({ ok: true, detail: `lmdb at ${join(folder, path)} answers: 0 entries` })
    await store.close()
  })

  test('is STORE_UNAVAILABLE where it cannot open its folder', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'taken'), 'a file')
    const opened = lmdb({ path: 'taken' }).open({ path: 'taken' }, openContext(folder))
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

  test.each([
    ['of no bytes', Buffer.alloc(0)],
    ['cut off', Buffer.from([1, 0, 1, 0, 0, 0, 15, 3, 118, 64, 49, 0, 0, 0, 60])],
    ['of zeros', Buffer.alloc(50)],
  ])('tells of a row %s in its place, and takes it for none when it writes', async (_, bytes) => {
    const { store, damage } = await openDamaged()
    await damage('b', bytes)
    const corrupt = expect.objectContaining({ code: 'CELL_CORRUPT' })
    expect(await readTexts(store, ['a', 'b', 'c'])).toEqual(['A', corrupt, 'C'])
    expect(await textsOf(store, 'v@1')).toEqual([
      ['a', 'A'],
      ['c', 'C'],
    ])
    await put(store, 'v@1', { b: 'anew' })
    expect(await readTexts(store, ['a', 'b', 'c'])).toEqual(['A', 'anew', 'C'])
    await damage('b', bytes)
    await store.delete({ entity: 'Thing', view: 'v@1', keys: [keyOf('b')] })
    expect(await readTexts(store, ['a', 'b', 'c'])).toEqual(['A', undefined, 'C'])
  })

  test('leaves a row of a later layout alone', async () => {
    const { store, damage } = await openDamaged()
    await damage('b', Buffer.from([2, 1, 2, 3]))
    const corrupt = expect.objectContaining({ code: 'CELL_CORRUPT', message: expect.stringContaining('version 2') })
    expect(await readTexts(store, ['b', 'c'])).toEqual([corrupt, 'C'])
    await expect(put(store, 'w@1', { b: 'B' })).rejects.toEqual(corrupt)
    await expect(store.delete({ entity: 'Thing', view: 'v@1' })).rejects.toEqual(corrupt)
  })

  test('keeps the rows of entities with many views short', async () => {
    const { store, rowAt } = await openDamaged()
    for (let view = 0; view < 60; view += 1) await put(store, `v${view}@1`, { wide: String(view).repeat(2_000) })
    expect(rowAt('wide')!.byteLength).toBeLessThanOrEqual(32 * 2 ** 10)
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

/** A store of three keys, and a way around it to what it stores. */
async function openDamaged() {
  const address = await lmdbAddress()
  const store = await openLmdb(address)
  await put(store, 'v@1', { a: 'A', b: 'B', c: 'C' })
  const db = openDatabase<Buffer, Buffer>({
    ...{ path: join(address.folder, 'online'), noSubdir: false },
    ...{ keyEncoding: 'binary', encoding: 'binary' },
  })
  onTestFinished(() => db.close())
  const idOf = (name: string) => physicalKey(entityPrefix('Thing'), keyOf(name), ROW_SUFFIX)
  return {
    store,
    damage: (name: string, bytes: Buffer) => db.put(idOf(name), bytes),
    rowAt: (name: string) => db.getBinary(idOf(name)),
  }
}

async function readTexts(store: OnlineStore, names: readonly string[]) {
  const found = await store.read({
    ...{ entity: 'Thing', keys: names.map(keyOf) },
    cells: [{ view: 'v@1', part: 0 }],
  })
  return found.map((cell) => (cell instanceof Uint8Array ? fromUtf8(cell) : cell))
}
