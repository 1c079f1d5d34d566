import { RESERVED_ENTITY } from '../column-lists.ts'
import type { CellName, OpenContext } from '../online-store.ts'
import type { CacheSettings } from './settings.ts'

/** How long what is known of a view's cells may be used, from the instant at which the store was asked. */
export interface ViewRules {
  /** A value is given without asking the store. */
  readonly ttlMicros: number
  /** That there is none is. 0: never. */
  readonly negativeTtlMicros: number
  /** Either is, marked, where the store cannot be read. 0: never. */
  readonly staleMicros: number
  /** The longest of these. */
  readonly keepMicros: number
}

/** Undefined: what is asked for goes straight to the store. */
export type RulesOf = (entity: string, cell: CellName) => ViewRules | undefined

/**
 * Only first cells of views that are defined are kept. Fieldstone's own records must never be old, and what lies in several parts is
 * read as of one instant, which copies of single parts would not be.
 */
export function rulesReader(settings: CacheSettings, copyRulesOf: OpenContext['copyRulesOf']): RulesOf {
  const known = new Map<string, ViewRules | undefined>()

  function rulesOf(view: string): ViewRules | undefined {
    const copies = copyRulesOf(view)
    if (copies === undefined) return undefined
    const own = settings.views.get(view.slice(0, view.lastIndexOf('@')))
    const mostMicros = (copies.maxStalenessMillis ?? Number.POSITIVE_INFINITY) * 1_000
    const ttlMicros = Math.min(own?.ttlMicros ?? settings.ttlMicros, mostMicros)
    const negative = own?.negativeTtlMicros ?? settings.negativeTtlMicros ?? ttlMicros
    const negativeTtlMicros = Math.min(negative, mostMicros)
    const staleMicros = copies.staleIfError && copies.maxStalenessMillis !== undefined ? mostMicros : 0
    const keepMicros = Math.max(ttlMicros, negativeTtlMicros, staleMicros)
    return keepMicros === 0 ? undefined : { ttlMicros, negativeTtlMicros, staleMicros, keepMicros }
  }

  return (entity, { view, part }) => {
    if (part !== 0 || entity === RESERVED_ENTITY) return undefined
    if (!known.has(view)) known.set(view, rulesOf(view))
    return known.get(view)
  }
}
