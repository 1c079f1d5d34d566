import { expect } from 'vitest'
import { batchView } from '../../../src/definitions/batch-view.ts'
import type { Definition } from '../../../src/definitions/definition.ts'
import { entity } from '../../../src/definitions/entity.ts'
import { float64, int32, string } from '../../../src/definitions/feature.ts'
import { featureService } from '../../../src/definitions/feature-service.ts'
import { onDemandView } from '../../../src/definitions/on-demand-view.ts'
import { staticTable } from '../../../src/definitions/sources.ts'
import { FieldstoneErrors } from '../../../src/errors.ts'
import { closeRegistry } from '../../../src/registry/close.ts'

/** One rule of S1: definitions that break it, and every error that closing them gives. */
export interface Rule {
  readonly rule: string
  readonly definitions: () => readonly unknown[]
  readonly prefix?: string
  /** `CODE  what was seen: why. mend.` each, whole. */
  readonly errors: readonly string[]
}

/** Every error of closing, as `CODE  message`; empty where the definitions are legal. */
export function errorsOfClosing(definitions: readonly unknown[], prefix = ''): readonly string[] {
  try {
    closeRegistry({ name: 'test', definitions: definitions as readonly Definition[], prefix })
    return []
  } catch (error) {
    if (!(error instanceof FieldstoneErrors)) throw error
    return error.errors.map(({ code, message }) => `${code}  ${message}`)
  }
}

export function expectRule({ definitions, prefix, errors }: Rule): void {
  expect(errorsOfClosing(definitions(), prefix)).toEqual(errors)
}

/** What the types forbid, as plain JavaScript may still write it. */
export function js(value: unknown): any {
  return value
}

export const airport = entity('Airport', { keys: { iata: string() } })
export const file = staticTable({ file: 'rows.csv' })

/** A batch view of airports, called `daily`, with the given options put over the plain ones. */
export function daily(options: Readonly<Record<string, unknown>> = {}) {
  return batchView('daily', js({ entity: airport, source: file, features: { departures: int32() }, ...options }))
}

/** An on-demand view of airports, called `distance`. */
export function distance(options: Readonly<Record<string, unknown>> = {}) {
  const plain = { entity: airport, inputs: {}, features: { km: float64() }, compute: () => ({ km: 1 }) }
  return onDemandView('distance', js({ ...plain, ...options }))
}

/** Keys of some other entity. */
export const keys = { id: string() }

/** A reference to an airport by `id`, without the compiler's looking at it. */
export function refTo(target: unknown): any {
  return { kind: 'reference', target: () => target, keys: { iata: 'id' } }
}

/** A service that gives `departures` of `daily` in each of its roles. */
export function service(name: string, roles: Readonly<Record<string, unknown>> = { origin: airport }) {
  const features = Object.keys(roles).map((role) => [role, [daily().features.departures]])
  return featureService(name, js({ roles, features: Object.fromEntries(features) }))
}
