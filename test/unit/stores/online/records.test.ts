import { describe, expect, test } from 'vitest'
import { createRecords } from '../../../../src/stores/online/records.ts'
import { openLmdb } from '../../../support/open-lmdb.ts'

describe('records', () => {
  test('are got, changed, listed and deleted by kind and name', async () => {
    const records = createRecords(await openLmdb())
    expect(await records.get('thing', 'a')).toBeUndefined()
    expect(await records.update<object>('thing', 'a', (current) => ({ was: current ?? null }))).toEqual({ was: null })
    await records.update('thing', 'b\0 é', () => 'text')
    await records.update('other', 'a', () => [1])
    expect(await records.get('thing', 'a')).toEqual({ was: null })
    const listed = []
    for await (const record of records.list('thing')) listed.push(record)
    expect(listed).toEqual([
      { name: 'a', value: { was: null } },
      { name: 'b\0 é', value: 'text' },
    ])
    expect(await records.update('thing', 'a', () => undefined)).toBeUndefined()
    expect(await records.get('thing', 'a')).toBeUndefined()
    expect(await records.get('other', 'a')).toEqual([1])
  })

  test('stay as they are where the change throws', async () => {
    const records = createRecords(await openLmdb())
    await records.update('thing', 'a', () => 1)
    const failure = new Error('no')
    const failed = records.update('thing', 'a', () => {
      throw failure
    })
    await expect(failed).rejects.toBe(failure)
    expect(await records.get('thing', 'a')).toBe(1)
  })
})
