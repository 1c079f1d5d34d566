import { type AddressInfo, createServer } from 'node:net'
import { FieldstoneError } from '../errors.ts'

/** A port of this address that nobody listens at. */
export async function freePort(host: string): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Throws PORT_IN_USE before long work is begun; the gateway would find out at its end. Port 0 is always free. */
export async function assertPortFree(port: number, host: string): Promise<void> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new FieldstoneError('PORT_IN_USE', { seen: `port ${port} of ${host}`, cause: error })
  } finally {
    server.close()
  }
}
