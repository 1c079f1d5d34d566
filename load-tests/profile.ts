import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { textTable } from '../src/cli/text-table.ts'

/** A function and the time in which it was at the top of the stack, by itself. */
export interface FunctionTime {
  readonly name: string
  /** File, relative to the working directory, and line; empty for the engine's own. */
  readonly place: string
  readonly selfMs: number
}

interface CallFrame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}

/** What V8 writes, as far as it is read here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: CallFrame
    readonly children?: readonly number[]
  }[]
  /** Node ids, one for each sample. */
  readonly samples: readonly number[]
  /** Microseconds from the sample before. */
  readonly timeDeltas: readonly number[]
}

/** Functions of a `.cpuprofile` by their own time, the longest first, without `(idle)`. */
export function functionTimes(profileFile: string): readonly FunctionTime[] {
  const profile = JSON.parse(readFileSync(profileFile, 'utf8')) as CpuProfile
  const functions = functionsOf(profile)
  const times = new Map<string, { readonly name: string; readonly place: string; selfMs: number }>()
  for (const [index, sample] of profile.samples.entries()) {
    const found = functions.get(sample)!
    if (found.name === '(idle)') continue
    const key = `${found.name} ${found.place}`
    const time = times.get(key) ?? { ...found, selfMs: 0 }
    // A sample stands for the time until the next.
    time.selfMs += Math.max(0, profile.timeDeltas[index + 1] ?? 0) / 1000
    times.set(key, time)
  }
  return [...times.values()].sort((a, b) => b.selfMs - a.selfMs)
}

/** Names and places by node. A native function often has no name of its own: it is told by who calls it. */
function functionsOf({ nodes }: CpuProfile): Map<number, { readonly name: string; readonly place: string }> {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, frames.get(id)!])))
  return new Map(
    nodes.map(({ id, callFrame }) => {
      const { functionName, url } = callFrame
      if (functionName !== '' || url !== '')
        return [id, { name: functionName || '(anonymous)', place: placeOf(callFrame) }]
      const caller = callers.get(id)
      return [
        id,
        { name: `native code under ${caller?.functionName || '(anonymous)'}`, place: caller ? placeOf(caller) : '' },
      ]
    }),
  )
}

/** File, relative to the working directory, and line. */
function placeOf({ url, lineNumber }: CallFrame): string {
  if (url === '') return ''
  return `${url.startsWith('file:') ? relative(process.cwd(), fileURLToPath(url)) : url}:${lineNumber + 1}`
}

const TOP = 25

/** Prints the functions with the most time of their own, and the shares of the rooms that they stand in. */
export function printTopFunctions(profileFile: string): void {
  const times = functionTimes(profileFile)
  const totalMs = times.reduce((sum, { selfMs }) => sum + selfMs, 0)
  const share = (ms: number): string => `${((100 * ms) / totalMs).toFixed(1)}`
  const functions = times
    .slice(0, TOP)
    .map(({ name, place, selfMs }) => [share(selfMs), selfMs.toFixed(1), name, place])
  const rooms = [...roomTimes(times)].sort((a, b) => b[1] - a[1]).slice(0, 12)
  console.log(`${relative(process.cwd(), profileFile)}: ${totalMs.toFixed(0)} ms of work`)
  for (const line of textTable(['%', 'self ms', 'function', 'place'], functions)) console.log(line)
  console.log()
  for (const line of textTable(
    ['%', 'room'],
    rooms.map(([room, ms]) => [share(ms), room]),
  ))
    console.log(line)
  console.log()
}

function roomTimes(times: readonly FunctionTime[]): Map<string, number> {
  const rooms = new Map<string, number>()
  for (const { name, place, selfMs } of times)
    rooms.set(roomOf(name, place), (rooms.get(roomOf(name, place)) ?? 0) + selfMs)
  return rooms
}

/** A package, a folder of the sources, `node`, or what the engine calls it, such as `(garbage collector)`. */
function roomOf(name: string, place: string): string {
  const found = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(place)?.[1]
  if (found !== undefined) return found
  if (place.startsWith('node:')) return 'node'
  if (place === '') return name.startsWith('(') ? name : 'engine and native code'
  return place.split('/').slice(0, -1).join('/') || place
}
