import type { Logger } from 'pino'
import type { Clock } from '../lib/clock.ts'
import type { Registry } from '../registry/registry.ts'
import type { OnlineStore, StoreHealth } from '../stores/online/online-store.ts'

/** What `/readyz` says. */
export interface Readiness {
  readonly ready: boolean
  readonly body: {
    /** `ready`, or why not, in words. */
    readonly status: string
    readonly deployment: string
    /** Of the registry that is served now. */
    readonly fingerprint: string
    readonly clock: string
    /** In production without the detail, which may name folders and hosts; the log has it where the store is down. */
    readonly store: { readonly ok: boolean; readonly detail?: string }
  }
}

const STORE_DEADLINE_MILLIS = 2_000

/** Whether the gateway should be sent requests: its store answers and it is not draining. */
export async function readiness(facts: {
  readonly store: OnlineStore
  readonly registry: Registry
  readonly clock: Clock
  readonly isDraining: boolean
  readonly production: boolean
  readonly logger: Logger
}): Promise<Readiness> {
  const store = await storeHealth(facts.store)
  if (!store.ok) facts.logger.error({ detail: store.detail }, 'the online store is down')
  const status = facts.isDraining
    ? 'draining: no new requests are taken'
    : store.ok
      ? 'ready'
      : 'the online store is down'
  return {
    ready: !facts.isDraining && store.ok,
    body: {
      status,
      deployment: facts.registry.name,
      fingerprint: facts.registry.fingerprint,
      clock: facts.clock.description,
      store: facts.production ? { ok: store.ok } : { ok: store.ok, detail: store.detail },
    },
  }
}

/** A probe that hangs says less than one that fails, so a silent store counts as down. */
async function storeHealth(store: OnlineStore): Promise<StoreHealth> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<StoreHealth>((resolve) => {
    const detail = `no answer within ${STORE_DEADLINE_MILLIS} ms`
    timer = setTimeout(() => resolve({ ok: false, detail }), STORE_DEADLINE_MILLIS)
  })
  try {
    return await Promise.race([store.health(), silence])
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) }
  } finally {
    clearTimeout(timer)
  }
}
