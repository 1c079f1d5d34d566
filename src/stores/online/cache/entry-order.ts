import { compareBytes } from '../../../lib/bytes.ts'
import { orderBytes, readCellHeader } from '../row-codec.ts'
import { decodeEntry, type Entry } from './entry.ts'
import type { ViewRules } from './view-rules.ts'

/** Where an entry comes from: a read of the store, a write that stands, or something that left it open what is there. */
export type EntryOrigin = 'read' | 'write' | 'fence'

export interface Offer {
  readonly origin: EntryOrigin
  readonly rules: ViewRules
  readonly nowMicros: number
  /** Of two cells, where a write brought it. */
  readonly compare?: (stored: Uint8Array, offered: Uint8Array) => number
}

/**
 * Whether an entry may take another's place: it must not be older knowledge. What was asked after the other had answered is newer;
 * where the two overlapped, the order of their rows says which is (SPEC V4), and where that cannot tell, the one that is there stays. Machines' clocks
 * differ by a little, so two processes' entries of the same instant overlap.
 */
export function mayReplace(storedBytes: Uint8Array, offered: Entry, offer: Offer): boolean {
  const stored = decodeEntry(storedBytes)
  if (stored === undefined || isDead(stored, offer)) return true
  if (offer.origin === 'fence') return fenceReplaces(stored, offered)
  const isAfter = offered.askedMicros > stored.answeredMicros
  if (offer.origin === 'write') return isAfter || writeReplaces(stored, offered, offer)
  return isAfter ? !isFallBack(stored, offered, offer) : overlappingReadReplaces(stored, offered)
}

/** Nothing that it could keep out is younger, and nobody would be given it. One from the future is another clock's. */
function isDead({ askedMicros, answeredMicros }: Entry, { nowMicros, rules }: Offer): boolean {
  return askedMicros > nowMicros || nowMicros - answeredMicros > rules.keepMicros
}

/** All but what was asked for after it, and a fence that keeps out as much. */
function fenceReplaces(stored: Entry, offered: Entry): boolean {
  if (stored.state === 'fence') return stored.answeredMicros < offered.answeredMicros
  return stored.askedMicros <= offered.answeredMicros
}

/** What was written stands above a read that found nothing, for that read was before it; between two rows their order decides. */
function writeReplaces(stored: Entry, offered: Entry, { compare }: Offer): boolean {
  if (stored.state === 'fence') return false
  return stored.state === 'none' || compare!(stored.cell!, offered.cell!) <= 0
}

function overlappingReadReplaces(stored: Entry, offered: Entry): boolean {
  if (stored.state !== 'value' || offered.state !== 'value') return false
  return orderOf(stored.cell!, offered.cell!) < 0
}

/** A store that answers from a replica may fall back behind what it said before: while that is fresh, it stands. */
function isFallBack(stored: Entry, offered: Entry, { nowMicros, rules }: Offer): boolean {
  if (stored.state !== 'value' || nowMicros - stored.askedMicros > rules.ttlMicros) return false
  return offered.state !== 'value' || orderOf(stored.cell!, offered.cell!) > 0
}

/** As far as the cells' own bytes tell it: 0 where they are alike up to their values, or not of our codec. */
function orderOf(a: Uint8Array, b: Uint8Array): number {
  try {
    return compareBytes(orderBytes(readCellHeader(a)), orderBytes(readCellHeader(b)))
  } catch {
    return 0
  }
}
