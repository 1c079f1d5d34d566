import { describe, expect, test } from 'vitest'
import { expectRule } from './closing.ts'
import { rulesOfArguments } from './rules-of-arguments.ts'
import { rulesOfClashes } from './rules-of-clashes.ts'
import { rulesOfEntities } from './rules-of-entities.ts'
import { rulesOfNames } from './rules-of-names.ts'
import { rulesOfServices } from './rules-of-services.ts'
import { rulesOfViews } from './rules-of-views.ts'

describe('S1: each rule tells the definition, the value seen, why and the mend', () => {
  test.each(rulesOfNames)('$rule', expectRule)
  test.each(rulesOfClashes)('$rule', expectRule)
  test.each(rulesOfEntities)('$rule', expectRule)
  test.each(rulesOfViews)('$rule', expectRule)
  test.each(rulesOfArguments)('$rule', expectRule)
  test.each(rulesOfServices)('$rule', expectRule)
})

test('every rule has a case that breaks it', () => {
  const rules = [
    ...rulesOfNames,
    ...rulesOfClashes,
    ...rulesOfEntities,
    ...rulesOfViews,
    ...rulesOfArguments,
    ...rulesOfServices,
  ]
  expect(rules.filter(({ errors }) => errors.length === 0)).toEqual([])
})
