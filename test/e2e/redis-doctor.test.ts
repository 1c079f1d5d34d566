import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { fieldstone } from '../support/command-line.ts'
import { startRedis } from '../support/services/redis.ts'
import { REPOSITORY } from '../support/source-imports.ts'

const CONFIG = resolve(REPOSITORY, 'schema/flights/fieldstone.redis.config.ts')

test('doctor says of a Redis that would drop rows how it is mended, and of a right one its version', async () => {
  const right = await startRedis()
  const dropping = await startRedis({ words: ['--maxmemory-policy', 'allkeys-lru'] })
  const [good, bad] = await Promise.all([right, dropping].map(({ url }) => doctor(url)))
  expect(good).toMatch(
    /^ok {6}online store: redis at 127.0.0.1:\d+ answers: (Redis|Valkey) .*, maxmemory-policy noeviction$/m,
  )
  expect(bad).toMatch(
    /^not ok {2}online store: redis at .*: its maxmemory-policy is allkeys-lru.*\n +mend: Set it to noeviction/m,
  )
})

async function doctor(url: string): Promise<string> {
  const { stdout } = await fieldstone(['-c', CONFIG, 'doctor'], { cwd: REPOSITORY, environment: { REDIS_URL: url } })
  return stdout
}
