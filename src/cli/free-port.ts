import { type AddressInfo, createServer, type Server } from 'node:net'
import { listenError } from '../server/listen-error.ts'

/** A port of this address that nobody listens at. Throws ADDRESS_REFUSED. */
export async function freePort(host: string): Promise<number> {
  const server = await listening(0, host)
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Throws PORT_IN_USE and ADDRESS_REFUSED before long work is begun; the gateway would find out at its end. Port 0 is always free. */
export async function assertPortFree(port: number, host: string): Promise<void> {
  const server = await listening(port, host)
  await new Promise((resolve) => server.close(resolve))
}

async function listening(port: number, host: string): Promise<Server> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
  } catch (error) {
    throw listenError(error, port, host)
  }
  return server
}
