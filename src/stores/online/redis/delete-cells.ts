import type { DeleteRequest } from '../online-store.ts'
import { backOff } from './back-off.ts'
import { outgoing } from './frames.ts'
import { checkKey, type EntityNames, type Layout, nameOf, patternOf, slotOfKey, viewTail } from './layout.ts'
import type { Link } from './link.ts'
import { scanNames } from './scan.ts'
import { runScript, type ScriptItem } from './script-calls.ts'
import { DROP } from './scripts.ts'
import { slotOf } from './slot.ts'
import { tailOf } from './swap-cells.ts'

/** Keys or names that are deleted in one go. */
const MAX_CHUNK = 500

export async function deleteCells(link: Link, layout: Layout, { entity, view, keys }: DeleteRequest): Promise<void> {
  const names = layout.namesOf(entity)
  if (keys === undefined) return deleteView(link, names, view)
  for (const key of keys) checkKey(key)
  for (let start = 0; start < keys.length; start += MAX_CHUNK) {
    let left: readonly Uint8Array[] = keys.slice(start, start + MAX_CHUNK)
    for (let round = 0; left.length > 0; round += 1) {
      if (round > 0) await backOff(round)
      left = await deleteKeys(link, { names, tail: viewTail(view) }, left)
    }
  }
}

interface ViewNames {
  readonly names: EntityNames
  readonly tail: Buffer
}

/** First cells, and of the others those that the set of parts names. Gives the keys whose set has changed meanwhile. */
async function deleteKeys(
  link: Link,
  { names, tail }: ViewNames,
  keys: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const asked = keys.map((key) => outgoing(slotOfKey(names, key), ['SMEMBERS', nameOf(names.indexHead, key, tail)]))
  const parts = await Promise.all(link.send(asked))
  const items = keys.map((key, index): ScriptItem => {
    const others = (parts[index] as readonly Buffer[]).map((part) => Number(part.toString('latin1')))
    const [first, ...rest] = [0, ...others].map((part) => nameOf(names.head, key, tailOf(tail, part)))
    const words = [String(others.length), ...others.map(String)]
    return { slot: slotOfKey(names, key), names: [first!, nameOf(names.indexHead, key, tail), ...rest], words }
  })
  const replies = await runScript(link, DROP, { items })
  return keys.filter((_, index) => replies[index] !== 1)
}

/** Cells of whatever part, and sets of parts. */
async function deleteView(link: Link, names: EntityNames, view: string): Promise<void> {
  const tail = viewTail(view)
  await deleteMatching(link, { head: names.head, tail, tagAt: names.tagAt, partBytes: 2 })
  await deleteMatching(link, { head: names.indexHead, tail, tagAt: names.tagAt, partBytes: 0 })
}

interface Matching {
  readonly head: Uint8Array
  readonly tail: Buffer
  readonly tagAt: number
  /** How many bytes come after the tail. */
  readonly partBytes: number
}

async function deleteMatching(link: Link, { head, tail, tagAt, partBytes }: Matching): Promise<void> {
  const pattern = Buffer.concat([patternOf(head, tail), Buffer.alloc(partBytes, '?')])
  for await (const page of scanNames(link, pattern)) {
    const commands = link.isCluster
      ? page.map((name) => outgoing(slotOf(name, tagAt), ['UNLINK', name]))
      : [outgoing(0, ['UNLINK', ...page])]
    await Promise.all(link.send(commands))
  }
}
