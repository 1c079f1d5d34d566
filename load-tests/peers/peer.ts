import { writeFile } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { answerParent, type ServerAnswer, type ServerQuestion } from '../serving/messages.ts'
import type { StorePlace } from '../serving/stores.ts'

/** What a subject's server is started with. */
export interface PeerOptions {
  /** Where the rows are. */
  readonly place: StorePlace
  /** The bench's own, for what the server keeps while it runs. */
  readonly folder: string
  /** Whether answers are to be compressed where the client takes it. */
  readonly gzip: boolean
  /** Of fieldstone's log; the others have none. */
  readonly logLevel: string
}

export interface Peer {
  readonly port: number
  close(): Promise<void>
}

/** The engine has it under a flag; set here, it costs nothing else. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
}

/** Microseconds between two samples of a profile. */
const SAMPLE_MICROS = 250

/** Runs this process as the server of a subject: starts it, tells its port, and answers the bench until it says stop. */
export async function servePeer(start: (options: PeerOptions) => Promise<Peer>): Promise<void> {
  const peer = await start(JSON.parse(process.argv[2]!) as PeerOptions)
  const session = new Session()
  answerParent<ServerQuestion>(async (question): Promise<ServerAnswer> => {
    switch (question.kind) {
      case 'cpu': {
        const { user, system } = process.cpuUsage()
        return { kind: 'cpu', cpuMicros: user + system }
      }
      case 'memory': {
        if (question.collect) collectGarbage()
        return { kind: 'memory', rssBytes: process.memoryUsage.rss(), heapBytes: process.memoryUsage().heapUsed }
      }
      case 'startProfile':
        session.connect()
        await session.post('Profiler.enable')
        await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROS })
        await session.post('Profiler.start')
        return { kind: 'done' }
      case 'stopProfile': {
        const { profile } = await session.post('Profiler.stop')
        await writeFile(question.file, JSON.stringify(profile))
        session.disconnect()
        return { kind: 'done' }
      }
      case 'stop':
        await peer.close()
        setImmediate(() => process.disconnect())
        return { kind: 'done' }
      default:
        return question satisfies never
    }
  })
  process.send?.({ kind: 'listening', port: peer.port } satisfies ServerAnswer)
}
