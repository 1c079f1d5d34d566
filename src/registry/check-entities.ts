import type { AnyEntity, KeyColumns } from '../definitions/entity.ts'
import type { FeatureDefinition } from '../definitions/feature.ts'
import { inspect } from '../lib/inspect.ts'
import { checkEntityName, checkName } from './check-names.ts'
import { checkReferences } from './check-references.ts'
import { type Declared, subjectOf } from './declared.ts'
import type { Problems } from './problems.ts'

const KEY_DTYPES: ReadonlySet<string> = new Set(['string', 'int64', 'uuid'])

/** The rules of entities: names, keys, references. */
export function checkEntities(problems: Problems, declared: Declared): void {
  for (const entity of declared.entities.values()) {
    const inner = problems.about(subjectOf(entity))
    checkEntityName(inner, entity.name)
    if (entity.plural !== undefined) checkName(inner, 'plural', entity.plural)
    checkKeys(inner, entity)
    checkReferences(inner, entity, declared)
  }
}

function checkKeys(problems: Problems, entity: AnyEntity): void {
  const keys = Object.entries(entity.keys as KeyColumns)
  if (keys.length === 0) {
    problems.add('DEFINITION_INVALID', {
      seen: 'it has no keys',
      why: 'An entity is found by at least one key.',
      mend: 'Write keys: { id: string() }.',
    })
  }
  for (const [name, key] of keys) {
    checkName(problems, 'key name', name)
    checkKey(problems.about(`key '${name}'`), key)
  }
}

function checkKey(problems: Problems, key: FeatureDefinition): void {
  const { kind } = key.dtype
  if (!KEY_DTYPES.has(kind)) {
    problems.add('DEFINITION_INVALID', {
      seen: `it is ${kind}`,
      why: 'A key is a string, an int64 or a uuid.',
      mend: 'Declare it by string(), int64() or uuid().',
    })
  }
  checkGraphqlType(problems, key)
  for (const option of ['default', 'column'] as const) {
    if (key[option] !== undefined) checkNoOption(problems, option, key[option])
  }
}

function checkGraphqlType(problems: Problems, { graphqlType, dtype }: FeatureDefinition): void {
  const isInt64 = dtype.kind === 'int64'
  if (graphqlType === undefined || ['ID', 'String', ...(isInt64 ? ['Int64'] : [])].includes(graphqlType)) return
  problems.add('DEFINITION_INVALID', {
    seen: `graphqlType is ${inspect(graphqlType)}`,
    why: `A key of dtype ${dtype.kind} is ${isInt64 ? 'ID, String or Int64' : 'ID or String'} in GraphQL.`,
    mend: "Leave it out: 'ID' is the default.",
  })
}

function checkNoOption(problems: Problems, option: 'default' | 'column', value: unknown): void {
  problems.add('DEFINITION_INVALID', {
    seen: `${option} is ${inspect(value)}`,
    ...(option === 'default'
      ? { why: 'A key is always given, so it has no default.', mend: 'Take default out.' }
      : { why: 'Each source has its own columns.', mend: "Name the key's column in keys of the source." }),
  })
}
