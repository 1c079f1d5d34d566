import { describe } from 'vitest'
import { columnContract } from './online/columns.ts'
import { lifecycleContract } from './online/lifecycle.ts'
import { readContract } from './online/reads.ts'
import type { StoreSubject } from './online/subject.ts'
import { updateContract } from './online/updates.ts'
import { wholeViewContract } from './online/whole-views.ts'
import { writeContract } from './online/writes.ts'

/** What every online store must do, tried on the real thing. */
export function onlineStoreContract(name: string, subject: StoreSubject): void {
  describe(`online store: ${name}`, () => {
    readContract(subject)
    writeContract(subject)
    updateContract(subject)
    wholeViewContract(subject)
    columnContract(subject)
    lifecycleContract(subject)
  })
}
