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
 * Whether an entry may take another's place: it must not be older knowledge. What was asked after the other had answered is newer. Where
 * the two overlapped a read leaves what is there, and of a write it cannot be told: undefined, and what is there may be old. Clocks of
 * machines differ, so what seems newer is held against the order of the rows as well (SPEC V4).
 */
export function mayReplace(storedBytes: Uint8Array, offered: Entry, offer: Offer): boolean | undefined {
  const stored = decodeEntry(storedBytes)
  if (stored === undefined || isDead(stored, offer)) return true
  const isAfter = offered.askedMicros > stored.answeredMicros
  switch (offer.origin) {
    case 'fence':
      return fenceReplaces(stored, offered)
    case 'read':
      return isAfter && !isFallBack(stored, offered, offer)
    case 'write':
      return isAfter ? isLaterWrite(stored, offered, offer) : overlappingWrite(stored, offered)
    default:
      return offer.origin satisfies never
  }
}

/** Clocks of machines differ; what is further ahead than this was stamped by one that is wrong, or was. */
const MAX_AHEAD_MICROS = 1_000_000

/** Nothing that it could keep out is younger, and nobody would be given it. */
function isDead({ askedMicros, answeredMicros }: Entry, { nowMicros, rules }: Offer): boolean {
  return askedMicros - nowMicros > MAX_AHEAD_MICROS || nowMicros - answeredMicros > rules.keepMicros
}

/** All but what was asked for after it, and a fence that keeps out as much. */
function fenceReplaces(stored: Entry, offered: Entry): boolean {
  if (stored.state === 'fence') return stored.answeredMicros < offered.answeredMicros
  return stored.askedMicros <= offered.answeredMicros
}

/** A row that was there before and is later by its order is gone, or was written by a machine whose clock is behind. */
function isLaterWrite(stored: Entry, offered: Entry, { compare }: Offer): true | undefined {
  if (stored.state !== 'value' || offered.state !== 'value') return true
  return compare!(stored.cell!, offered.cell!) > 0 ? undefined : true
}

function overlappingWrite(stored: Entry, offered: Entry): false | undefined {
  if (stored.state === 'fence') return false
  const isSame =
    stored.state === 'value' && offered.state === 'value' && compareBytes(stored.cell!, offered.cell!) === 0
  return isSame ? false : undefined
}

/** What is fresh stands against what is earlier by its order, and against nothing: a replica may be behind, as a clock may be. */
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
