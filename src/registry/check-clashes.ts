import { describeDtype, type EnumDtype } from '../definitions/dtypes.ts'
import type { AnyEntity } from '../definitions/entity.ts'
import { type AnyView, type Declared, featuresOf, subjectOf, viewsOf } from './declared.ts'
import { derivedNames, ENTITY_FIELDS, type NameSources } from './names.ts'
import type { Problems } from './problems.ts'

interface Named {
  readonly name: string
  /** Completes "'iata' is …". */
  readonly is: string
}

/** Names that mean two things: among the fields of an entity, and in the schema as a whole. */
export function checkClashes(
  problems: Problems,
  declared: Declared,
  { prefix, argumentTypes }: Pick<NameSources, 'prefix' | 'argumentTypes'>,
): void {
  for (const entity of declared.entities.values()) {
    reportClashes(problems.about(subjectOf(entity)), fieldsOf(entity, viewsOf(declared, entity)))
  }
  const names = derivedNames({ ...nameSources(problems, declared), prefix, argumentTypes })
  for (const space of ['type', 'rootField']) {
    reportClashes(
      problems,
      names.filter((name) => name.space === space),
    )
  }
}

function nameSources(problems: Problems, declared: Declared): Omit<NameSources, 'prefix' | 'argumentTypes'> {
  return {
    entities: [...declared.entities.values()].map(({ name, plural }) => ({ name, plural })),
    enums: enumsOf(problems, declared),
    services: [...declared.services.values()].map(({ name, roles }) => ({ name, roles: Object.keys(roles) })),
  }
}

function fieldsOf(entity: AnyEntity, views: readonly AnyView[]): readonly Named[] {
  return [
    ...ENTITY_FIELDS.map((name) => ({ name, is: 'a field of every entity' })),
    ...Object.keys(entity.keys).map((name) => ({ name, is: 'a key' })),
    ...Object.keys(entity.references).map((name) => ({ name, is: 'a reference' })),
    ...views.flatMap((view) => featuresOf(view).map(({ name }) => ({ name, is: `a feature of ${subjectOf(view)}` }))),
  ]
}

function reportClashes(problems: Problems, names: readonly Named[]): void {
  const first = new Map<string, Named>()
  for (const named of names) {
    const before = first.get(named.name)
    if (before === undefined) first.set(named.name, named)
    else problems.add('DEFINITION_NAME_TAKEN', { seen: `'${named.name}' is ${before.is}, and ${named.is}` })
  }
}

/** Every enum once; one name with two lists of members is reported. */
function enumsOf(problems: Problems, declared: Declared): readonly EnumDtype[] {
  const first = new Map<string, { readonly dtype: EnumDtype; readonly at: string }>()
  for (const view of declared.views.values()) {
    for (const { name, definition } of featuresOf(view)) {
      const dtype = definition.dtype.kind === 'list' ? definition.dtype.of : definition.dtype
      if (dtype?.kind !== 'enum' || !Array.isArray(dtype.members)) continue
      const at = `${subjectOf(view)}: feature '${name}'`
      const before = first.get(dtype.name)
      if (before === undefined) first.set(dtype.name, { dtype, at })
      else checkMembers(problems.about(at), { before: before.dtype, first: before.at, again: dtype })
    }
  }
  return [...first.values()].map(({ dtype }) => dtype)
}

function checkMembers(
  problems: Problems,
  { before, first, again }: { readonly before: EnumDtype; readonly first: string; readonly again: EnumDtype },
): void {
  if (before.members.join(' ') === again.members.join(' ')) return
  problems.add('DEFINITION_NAME_TAKEN', {
    seen: `${describeDtype(again)} has the members ${again.members.join(', ')}`,
    why: `In ${first} it has the members ${before.members.join(', ')}; one name means one list.`,
    mend: 'Declare the enum once and use it in both, or rename one of the two.',
  })
}
