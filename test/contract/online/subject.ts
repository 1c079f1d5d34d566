import type { StoreAddress } from '../../support/store-process.ts'

/** A kind of online store as the contract suite puts it through its paces. */
export interface StoreSubject {
  /** A store that no other test uses. */
  fresh(): Promise<StoreAddress>
  /** The largest cell that the store promises to hold. */
  readonly largestCellBytes: number
  /** Whether `iterate` gives keys in their order. */
  readonly isOrdered: boolean
}
