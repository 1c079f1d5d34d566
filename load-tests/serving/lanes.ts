import { type Connection, openConnection } from './connection.ts'

/** Connections to one server, each with at most one request on its way. One that fails is closed and made anew. */
export interface Lanes {
  /** Whether a request can be sent. */
  readonly hasFree: boolean
  /** Sends on the connection that has been free the longest. `since` is told when the answer has come. */
  send(request: Buffer, since: number): void
  close(): void
  /** Called for each good answer whose last byte has come; its connection is free. */
  onAnswer: (since: number) => void
  /** Called for each request that was answered otherwise, or not. Its connection is not free yet. */
  onFailure: (error: Error) => void
  /** Called when a connection is free again, after the above. */
  onFree: () => void
  /** Called where a connection cannot be made anew. */
  onLost: (error: Error) => void
}

export async function openLanes(options: { readonly port: number; readonly connections: number }): Promise<Lanes> {
  const opened: Connection[] = []
  const free = createRing(options.connections)
  const sinceOf = new Float64Array(options.connections)

  const lanes: Lanes = {
    get hasFree() {
      return free.size > 0
    },
    send: (request, since) => {
      const number = free.shift()
      sinceOf[number] = since
      opened[number]!.send(request)
    },
    close: () => {
      for (const connection of opened) connection.close()
    },
    onAnswer: () => {},
    onFailure: () => {},
    onFree: () => {},
    onLost: () => {},
  }

  async function open(number: number): Promise<void> {
    const { port } = options
    const onAnswer = (): void => {
      free.push(number)
      lanes.onAnswer(sinceOf[number]!)
      lanes.onFree()
    }
    const onFailure = (error: Error): void => {
      opened[number]!.close()
      lanes.onFailure(error)
      open(number).then(
        () => lanes.onFree(),
        (error: Error) => lanes.onLost(error),
      )
    }
    opened[number] = await openConnection({ port, onAnswer, onFailure })
    free.push(number)
  }

  for (let number = 0; number < options.connections; number += 1) await open(number)
  return lanes
}

/** Numbers in the order in which they came. */
function createRing(capacity: number) {
  const places = new Uint32Array(capacity)
  let [first, size] = [0, 0]
  return {
    get size() {
      return size
    },
    push: (number: number): void => {
      places[(first + size) % capacity] = number
      size += 1
    },
    shift: (): number => {
      const number = places[first]!
      first = (first + 1) % capacity
      size -= 1
      return number
    },
  }
}
