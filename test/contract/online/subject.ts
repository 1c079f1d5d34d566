import type { StoreAddress } from '../../support/store-process.ts'

/** Until what others were told is stored is to be seen. */
export async function untilSeen({ seesOthersAfterMillis = 0 }: StoreSubject): Promise<void> {
  // The store's age is in whole milliseconds, and so is the timer's.
  if (seesOthersAfterMillis > 0) await new Promise((resolve) => setTimeout(resolve, seesOthersAfterMillis + 2))
}

/** A kind of online store as the contract suite puts it through its paces. */
export interface StoreSubject {
  /** A store that no other test uses. */
  fresh(): Promise<StoreAddress>
  /** The largest cell that the store promises to hold. */
  readonly largestCellBytes: number
  /** Whether `iterate` gives keys in their order. */
  readonly isOrdered: boolean
  /** How long after another that is open was told that something is stored it is seen at the latest. Default 0: at once. */
  readonly seesOthersAfterMillis?: number
}
