import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { encodeKey } from '../../src/stores/online/key-codec.ts'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { CUSTOMER, VIEWS } from '../serving/data.ts'
import { FEATURES_PER_VIEW } from '../serving/features.ts'
import { openStore } from '../serving/stores.ts'
import { gzipped, isWorthCompressing } from './compression.ts'
import { servePeer } from './peer.ts'

/** The limit: reads the cells that are asked for and sends their bytes, one after another. */

await servePeer(async (options) => {
  const store = await openStore(options.place)
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      answer(store, request, chunks)
        .then((body) => send(response, body, options.gzip))
        .catch((error: unknown) => {
          console.error(error)
          response.writeHead(500).end()
        })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
    await store.close()
  }
  return { port: (server.address() as AddressInfo).port, close }
})

async function answer(store: OnlineStore, { url }: IncomingMessage, chunks: readonly Buffer[]): Promise<Buffer> {
  const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
  const { keys } = JSON.parse(body.toString()) as { readonly keys: readonly string[] }
  const viewCount = Number(url!.slice('/rows/'.length)) / FEATURES_PER_VIEW
  const cells = await store.read({
    entity: CUSTOMER.name,
    keys: keys.map((key) => encodeKey(CUSTOMER, [key])),
    cells: VIEWS.slice(0, viewCount).map(({ id }) => ({ view: id, part: 0 })),
  })
  return Buffer.concat(cells.filter((cell) => cell instanceof Uint8Array))
}

async function send(response: ServerResponse, body: Buffer, gzip: boolean): Promise<void> {
  const head = { 'content-type': 'application/octet-stream' }
  if (!gzip || !isWorthCompressing(body)) {
    response.writeHead(200, { ...head, 'content-length': body.byteLength }).end(body)
    return
  }
  const small = await gzipped(body)
  response.writeHead(200, { ...head, 'content-encoding': 'gzip', 'content-length': small.byteLength }).end(small)
}
