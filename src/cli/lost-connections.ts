import type { Worker } from 'node:cluster'

interface Handle {
  close?(): void
}

type Send = (message: { readonly act?: unknown }, handle?: Handle, ...more: unknown[]) => boolean

/**
 * Ends the connection that was on its way to a worker when that was killed. Node's primary keeps a connection open until the worker says
 * that it has it, and so for ever where that does not come: its client would wait as long. One at a time is on its way to a worker.
 */
export function endLostConnections(worker: Worker): void {
  const child = worker.process as unknown as { send: Send }
  const send = child.send
  let last: Handle | undefined
  child.send = (message, handle, ...more) => {
    if (message.act === 'newconn') last = handle
    return send.call(child, message, handle, ...more)
  }
  // One that the worker had taken is closed here already; closing it again does nothing.
  worker.on('exit', () => last?.close?.())
}
