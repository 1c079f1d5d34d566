import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FieldstoneErrors } from '../../src/errors.ts'
import { closeRegistry } from '../../src/registry/close.ts'
import { networkWith } from '../unit/registry/network.ts'

const RUNS = 2_000

/** What a slip in plain JavaScript may put anywhere. */
const garbage = fc.oneof(
  fc.constantFrom<unknown[]>(undefined, null, true, 0, -1, Number.NaN, 1n, '', '__x', 'Airport', 'a b', [], {}, [null]),
  fc.constant(() => undefined),
  fc.constant(() => {
    throw new Error('called')
  }),
  fc.constantFrom('entity', 'batchView', 'feature', 'viewFeature', 'list', 'enum').map((kind) => ({ kind })),
  fc.anything({ maxDepth: 2 }),
)

type Path = readonly PropertyKey[]

/** Every place within plain objects and lists, as a path. */
function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (!isPlain(value)) return [path]
  return [path, ...Object.entries(value).flatMap(([name, item]) => pathsOf(item, [...path, name]))]
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
}

function replaced(value: unknown, path: Path, by: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return by
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) }
  Reflect.set(copy, step, replaced(Reflect.get(copy, step), rest, by))
  return copy
}

test('whatever stands wherever in the definitions, closing them gives a registry or coded errors', () => {
  const definitions = networkWith()
  const paths = pathsOf(definitions).filter((path) => path.length > 0)
  const change = fc.tuple(fc.constantFrom(...paths), garbage)
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const broken = changes.reduce<unknown>((all, [path, by]) => replacedWherePossible(all, path, by), definitions)
      try {
        closeRegistry({ name: 'garbage', definitions: broken as typeof definitions })
      } catch (error) {
        expect(error).toBeInstanceOf(FieldstoneErrors)
        expect((error as FieldstoneErrors).errors.every(({ code }) => code.startsWith('DEFINITION_'))).toBe(true)
      }
    }),
    { numRuns: RUNS },
  )
})

/** An earlier change may have taken the place away. */
function replacedWherePossible(value: unknown, path: Path, by: unknown): unknown {
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((inner, step) => (isPlain(inner) ? Reflect.get(inner, step) : undefined), value)
  return isPlain(parent) ? replaced(value, path, by) : value
}
