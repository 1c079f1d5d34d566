import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { sharedBigtable, startBigtable } from '../../support/services/bigtable.ts'
import { sharedRedis, startRedis } from '../../support/services/redis.ts'

test('a Redis of a test’s own answers, keeps what its options say over a kill, and is gone after it is stopped', async () => {
  const first = await startRedis({ words: ['--appendonly', 'yes', '--appendfsync', 'always'] })
  expect(await say(first.port, 'SET a 1\r\n')).toBe('+OK\r\n')
  await first.kill()
  expect(await say(first.port, 'PING\r\n')).toMatch(/ECONNREFUSED/)
  const { folder, port } = first
  const second = await startRedis({ words: ['--appendonly', 'yes'], folder, port })
  expect(await say(port, 'GET a\r\n')).toBe('$1\r\n1\r\n')
  await second.stop()
  expect(await say(port, 'PING\r\n')).toMatch(/ECONNREFUSED/)
})

test('a frozen server is stopped all the same', async () => {
  const { signal, stop, port } = await startBigtable()
  signal('SIGSTOP')
  await stop()
  expect(await say(port, '')).toMatch(/ECONNREFUSED/)
})

test('the shared ones are there for every test of a file', async () => {
  expect(await sharedRedis()).toBe(await sharedRedis())
  expect((await sharedBigtable()).host).toMatch(/:\d+$/)
})

/** What a server says to a line, or why it cannot be reached. */
function say(port: number, line: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(line))
    socket.once('data', (piece) => {
      socket.destroy()
      resolve(String(piece))
    })
    socket.once('error', (error) => resolve(String(error)))
  })
}
