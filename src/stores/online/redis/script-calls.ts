import { type Outgoing, outgoing, type Word } from './frames.ts'
import type { Link, Reply } from './link.ts'
import type { Script } from './scripts.ts'

/** What a script is to do for one thing; calls are made of many of one slot. */
export interface ScriptItem {
  readonly slot: number
  readonly names: readonly Uint8Array[]
  readonly words: readonly Word[]
}

/** Of one call, during which the server does nothing else. An item is never divided. */
const MAX_CALL_ITEMS = 100
const MAX_CALL_BYTES = 128 * 2 ** 10
/** Calls on their way at a time, so that reads come in between and memory stays small. */
const MAX_CALLS = 4

/** Runs a script for all items, and gives what it replied for each. `head` are words that come first in each call. */
export async function runScript(
  link: Link,
  script: Script,
  { items, head = [] }: { readonly items: readonly ScriptItem[]; readonly head?: readonly Word[] },
): Promise<readonly Reply[]> {
  const replies: Reply[] = new Array(items.length)
  const calls = callsOf(items, link.isCluster)
  for (let start = 0; start < calls.length; start += maxCalls(link)) {
    const round = calls.slice(start, start + maxCalls(link))
    const answers = await runCalls(
      link,
      script,
      round.map((call) => ({ items: call.map((index) => items[index]!), head })),
    )
    round.forEach((call, number) => {
      call.forEach((index, at) => {
        replies[index] = (answers[number] as readonly Reply[])[at]!
      })
    })
  }
  return replies
}

/** In a cluster a call has few items, for slots are many. */
function maxCalls({ isCluster }: Link): number {
  return isCluster ? MAX_CALLS * 50 : MAX_CALLS
}

/** Places of items that go into one call each. */
function callsOf(items: readonly ScriptItem[], isCluster: boolean): readonly (readonly number[])[] {
  const calls: number[][] = []
  const open = new Map<number, { readonly call: number[]; bytes: number }>()
  items.forEach((item, index) => {
    const slot = isCluster ? item.slot : 0
    const bytes = bytesOf(item)
    const last = open.get(slot)
    if (last !== undefined && last.call.length < MAX_CALL_ITEMS && last.bytes + bytes <= MAX_CALL_BYTES) {
      last.call.push(index)
      last.bytes += bytes
      return
    }
    const call = [index]
    calls.push(call)
    open.set(slot, { call, bytes })
  })
  return calls
}

function bytesOf({ names, words }: ScriptItem): number {
  let bytes = 0
  for (const name of names) bytes += name.length
  for (const word of words) bytes += word.length
  return bytes
}

interface ScriptCall {
  readonly items: readonly ScriptItem[]
  readonly head: readonly Word[]
}

/** The server that does not know the script, as after a restart or a failover, is told its text. */
async function runCalls(link: Link, script: Script, calls: readonly ScriptCall[]): Promise<readonly Reply[]> {
  const outcomes = await Promise.allSettled(link.send(calls.map((call) => command(call, ['EVALSHA', script.sha]))))
  const unknown = outcomes.flatMap((outcome, index) => (isUnknown(outcome) ? [index] : []))
  if (unknown.length > 0) {
    const again = unknown.map((index) => command(calls[index]!, ['EVAL', script.text]))
    const later = await Promise.allSettled(link.send(again))
    unknown.forEach((index, at) => {
      outcomes[index] = later[at]!
    })
  }
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
}

function isUnknown(outcome: PromiseSettledResult<Reply>): boolean {
  return outcome.status === 'rejected' && String((outcome.reason as Error).message).startsWith('NOSCRIPT')
}

function command({ items, head }: ScriptCall, how: readonly [string, string]): Outgoing {
  const names = items.flatMap((item) => item.names)
  const words = items.flatMap((item) => item.words)
  return outgoing(items[0]!.slot, [...how, String(names.length), ...names, ...head, ...words])
}
