import { FieldstoneError } from '../../../errors.ts'
import type { StorageChange, StoragePlan } from '../online-store.ts'
import { outgoing } from './frames.ts'
import { LAYOUT_VERSION, type Layout, viewTail } from './layout.ts'
import type { Link, Reply } from './link.ts'
import { slotOf } from './slot.ts'

/** There is nothing to create but the mark of this layout; and names must fit. */
export async function prepare(
  link: Link,
  layout: Layout,
  { plan, dryRun }: { readonly plan: StoragePlan; readonly dryRun: boolean },
): Promise<readonly StorageChange[]> {
  for (const { entity, view } of plan.views) {
    layout.namesOf(entity)
    viewTail(view)
  }
  if (await isMarked(link, layout)) return []
  if (!dryRun) await ask(link, layout, ['SET', layout.versionName, LAYOUT_VERSION, 'NX'])
  return [{ description: `mark ${layout.versionName} as of layout ${LAYOUT_VERSION}`, destructive: false }]
}

/** Throws STORE_LAYOUT_UNKNOWN where another layout was recorded. */
export async function isMarked(link: Link, layout: Layout): Promise<boolean> {
  const found = (await ask(link, layout, ['GET', layout.versionName])) as Buffer | null
  if (found === null) return false
  const version = found.toString()
  if (version === LAYOUT_VERSION) return true
  throw new FieldstoneError('STORE_LAYOUT_UNKNOWN', {
    seen: `${link.place}: ${layout.versionName} says layout '${version.slice(0, 40)}'`,
    why: `This program knows layout ${LAYOUT_VERSION}.`,
  })
}

function ask(
  link: Link,
  { versionName }: Layout,
  words: readonly ['GET' | 'SET', ...(string | Buffer)[]],
): Promise<Reply> {
  // The name has no hash tag: its slot is that of all of it.
  const slot = slotOf(Buffer.concat([versionName, Buffer.from('}')]), 0)
  return link.send([outgoing(slot, words)])[0]!
}
