import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { bigtableSettings } from '../../../../../src/stores/online/bigtable/settings.ts'
import { bigtable } from '../../../../../src/stores/online/bigtable.ts'
import { openContext } from '../../../../support/open-context.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

const PLACE = { project: 'my-project', instance: 'features', table: 'flights' } as const

describe('options of a Bigtable store', () => {
  test('have defaults; texts of the environment are numbers and objects, and empty ones nothing', () => {
    expect(
      bigtableSettings({ ...PLACE, emulatorHost: '', channels: '8', credentials: '{"client_email":"a@b"}' }),
    ).toEqual({
      ...PLACE,
      ...{ appProfile: undefined, singleClusterAppProfile: undefined, cluster: undefined },
      ...{ emulatorHost: undefined, endpoint: undefined, credentials: { client_email: 'a@b' }, keyFile: undefined },
      ...{
        channels: 8,
        reads: 'direct',
        readTimeoutMillis: 800,
        writeTimeoutMillis: 30_000,
        adminTimeoutMillis: 120_000,
      },
    })
  })

  test.each([
    [{ project: undefined }, 'project'],
    [{ instance: 'Features' }, 'instance'],
    [{ table: '-' }, 'table'],
    [{ table: 't'.repeat(51) }, 'table'],
    [{ emulatorHost: 'localhost' }, 'emulatorHost'],
    [{ emulatorHost: 'localhost:8086', endpoint: 'bigtable.googleapis.com' }, 'endpoint'],
    [{ credentials: 'no json' }, 'credentials'],
    [{ credentials: {}, keyFile: 'key.json' }, 'keyFile'],
    [{ appProfile: 'one', singleClusterAppProfile: 'one' }, 'appProfile'],
    [{ channels: 0 }, 'channels'],
    [{ reads: 'fast' }, 'reads'],
    [{ readTimeoutMillis: 'soon' }, 'readTimeoutMillis'],
    [{ tabel: 'flights' }, 'tabel'],
  ])('%j are refused by name', (options, name) => {
    const message = expect.stringContaining(`online: bigtable({ ${name}: `)
    expect(() => bigtableSettings({ ...PLACE, ...options })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message }),
    )
  })

  test('never show credentials', () => {
    expect(() => bigtableSettings({ ...PLACE, credentials: '"secret"' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    )
  })

  test('name a key file that must be there', async () => {
    const { options, open } = bigtable({ ...PLACE, keyFile: '/nowhere/key.json' })
    await expect(open(options, openContext('.'))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('/nowhere/key.json'),
    })
  })

  test.each(['', 'secret', '"secret"', 'null', '[]', '{"private_key": "secret" "x"}'])(
    'refuse a key file that holds %j, and do not show it',
    async (text) => {
      const keyFile = join(await temporaryFolder(), 'key.json')
      await writeFile(keyFile, text)
      const { options, open } = bigtable({ ...PLACE, keyFile })
      const error = await open(options, openContext('.')).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('key.json') })
      expect(inspect(error)).not.toContain('secret')
    },
  )
})
