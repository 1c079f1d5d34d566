import { describe, expect, test } from 'vitest'
import { assertApplied, readDeployment, recordDeployment } from '../../../../src/stores/online/deployment.ts'
import { createRecords } from '../../../../src/stores/online/records.ts'
import { lmdbAddress, openLmdb } from '../../../support/open-lmdb.ts'
import { startStoreProcess } from '../../../support/store-process.ts'

const viewOf = (view: string, fingerprint: string) => ({
  entity: 'Thing',
  view,
  fingerprint,
  columnList: `list of ${fingerprint}`,
})

describe('what was applied', () => {
  test('is nothing at first', async () => {
    const records = createRecords(await openLmdb())
    expect(await readDeployment(records)).toEqual({ snapshot: undefined, views: [] })
    await expect(assertApplied(records, { id: 'a@1', fingerprint: 'f1' })).rejects.toMatchObject({
      code: 'NOT_APPLIED',
    })
  })

  test('keeps every fingerprint of a version until it is dropped', async () => {
    const records = createRecords(await openLmdb())
    await recordDeployment(records, { snapshot: 1, views: [viewOf('a@1', 'f1'), viewOf('b@1', 'g1')], dropped: [] })
    await recordDeployment(records, { snapshot: 2, views: [viewOf('a@1', 'f2')], dropped: [] })
    await recordDeployment(records, { snapshot: 3, views: [viewOf('a@1', 'f1')], dropped: [] })
    expect(await readDeployment(records)).toEqual({
      snapshot: 3,
      views: [
        { entity: 'Thing', view: 'a@1', fingerprints: ['f1', 'f2'], columnList: 'list of f1' },
        { entity: 'Thing', view: 'b@1', fingerprints: ['g1'], columnList: 'list of g1' },
      ],
    })
    for (const fingerprint of ['f1', 'f2']) await assertApplied(records, { id: 'a@1', fingerprint })
    await assertApplied(records, { id: 'b@1', fingerprint: 'g1' })
    await recordDeployment(records, { snapshot: 4, views: [viewOf('b@1', 'g1')], dropped: ['a@1'] })
    await expect(assertApplied(records, { id: 'a@1', fingerprint: 'f1' })).rejects.toMatchObject({
      code: 'NOT_APPLIED',
    })
  })

  test('refuses a fingerprint that is not on record, and tells which are', async () => {
    const records = createRecords(await openLmdb())
    await recordDeployment(records, { snapshot: 1, views: [viewOf('a@1', 'f1')], dropped: [] })
    await expect(assertApplied(records, { id: 'a@1', fingerprint: 'f9' })).rejects.toMatchObject({
      code: 'NOT_APPLIED',
      message: expect.stringMatching(/a@1.*f9.*f1/),
    })
    await expect(assertApplied(records, { id: 'a@2', fingerprint: 'f1' })).rejects.toMatchObject({
      code: 'NOT_APPLIED',
    })
  })

  test('loses nothing where several processes apply at once', async () => {
    const address = await lmdbAddress()
    const records = createRecords(await openLmdb(address))
    const others = ['x', 'y'].map((name) => startStoreProcess('recordDeployments', address, { name, times: 20 }))
    for (let time = 0; time < 20; time += 1) {
      await recordDeployment(records, { snapshot: 'here', views: [viewOf('pair@1', `h${time}`)], dropped: [] })
    }
    await Promise.all(others.map((other) => other.finished()))
    const { views } = await readDeployment(records)
    expect(views.map(({ view }) => view)).toEqual(['pair@1'])
    expect(new Set(views[0]!.fingerprints).size).toBe(60)
  })
})
