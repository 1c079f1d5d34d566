import type { Cluster, Redis } from 'ioredis'

/** Which nodes of a cluster are known to be down, so that nobody waits for them. */
export interface NodeStates {
  /** By `host:port`. */
  isDown(node: string): boolean
  /** Waits until each node that is known has been reached or was not; no longer than so long. */
  allMet(timeoutMillis: number): Promise<void>
}

export function watchNodes(cluster: Cluster): NodeStates {
  const down = new Set<string>()
  // A connection that was given up may end long after another has taken its place.
  const current = new Map<string, Redis>()
  const meeting = new Set<Promise<unknown>>()

  // The library tells of errors of nodes here, and of a lost cluster by 'error'.
  cluster.on('node error', () => {})
  cluster.on('+node', (node: Redis) => {
    const name = nodeName(node)
    current.set(name, node)
    node.on('ready', () => {
      if (current.get(name) === node) down.delete(name)
    })
    node.on('close', () => {
      if (current.get(name) !== node) return
      down.add(name)
      refresh(cluster)
    })
    // Else the first who asks would wait for the connection.
    if (node.status === 'wait') meet(node)
  })

  function meet(node: Redis): void {
    const met = node.connect().catch(() => {})
    meeting.add(met)
    void met.then(() => meeting.delete(met))
  }

  return {
    isDown: (node) => down.has(node),
    allMet: async (timeoutMillis) => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, timeoutMillis)
      })
      await Promise.race([Promise.all(meeting), late])
      clearTimeout(timer)
    },
  }
}

/** As the library names it where it says who answers for a slot. */
export function nodeName({ options }: Redis): string {
  return `${options.host}:${options.port}`
}

/** A replica may have taken over. */
function refresh(cluster: Cluster): void {
  if (cluster.status === 'ready') cluster.refreshSlotsCache()
}
