import { expect, test } from 'vitest'
import { z } from 'zod'
import { batchView } from '../../../src/definitions/batch-view.ts'
import { entity } from '../../../src/definitions/entity.ts'
import { float64, int32, string } from '../../../src/definitions/feature.ts'
import { onDemandView } from '../../../src/definitions/on-demand-view.ts'
import { staticTable } from '../../../src/definitions/sources.ts'
import { testOnDemand } from '../../../src/testing/test-on-demand.ts'

const airport = entity('Airport', { keys: { iata: string() } })
const profile = batchView('profile', {
  entity: airport,
  source: staticTable({ table: 'airports' }),
  features: { latitude: float64(), gates: int32({ default: 0 }) },
})
const scaled = onDemandView('scaled', {
  entity: airport,
  inputs: { latitude: profile.features.latitude, gates: profile.features.gates },
  args: z.object({ by: z.number().positive().default(2) }),
  features: { scaledLatitude: float64(), whole: int32({ default: -1 }) },
  compute: ({ inputs, args, nowMicros }) => ({ scaledLatitude: inputs.latitude * args.by + nowMicros, whole: null }),
})

test('calls the function with parsed arguments', () => {
  expect(testOnDemand(scaled, { latitude: 3, gates: 1 }, {})).toEqual({
    scaledLatitude: { value: 6, status: 'PRESENT' },
    whole: { value: -1, status: 'NULL_VALUE' },
  })
  expect(testOnDemand(scaled, { latitude: 3, gates: 1 }, { by: 10 }, { nowMicros: 1 }).scaledLatitude.value).toBe(31)
})

test('does not call it without an input', () => {
  expect(testOnDemand(scaled, { latitude: null, gates: 1 }, {}).scaledLatitude).toEqual({
    value: null,
    status: 'NULL_VALUE',
  })
})

test('a missing input is met by its default, as it is served', () => {
  const counted = onDemandView('counted', {
    entity: airport,
    inputs: { gates: profile.features.gates },
    features: { twice: int32() },
    compute: ({ inputs }) => ({ twice: inputs.gates * 2 + 1 }),
  })
  expect(testOnDemand(counted, { gates: null }, {}).twice).toEqual({ value: 1, status: 'PRESENT' })
})

test('throws what the answer would say', () => {
  expect(() => testOnDemand(scaled, { latitude: 1, gates: 1 }, { by: -1 })).toThrow(/arguments of view 'scaled' \(by: /)
  const broken = { ...scaled, compute: () => ({ scaledLatitude: 1, whole: 1.5 }) }
  expect(() => testOnDemand(broken, { latitude: 1, gates: 1 }, {})).toThrow(/1.5 is no int32/)
})
