import type { AnyEntity } from '../definitions/entity.ts'
import { featuresOfRole } from './check-services.ts'
import { type AnyService, type Declared, subjectOf } from './declared.ts'
import type { Problems } from './problems.ts'
import type { RegistryArgument } from './registry.ts'
import { mergeArguments, type ViewArguments } from './view-arguments.ts'

/** The on-demand arguments of each service by its name: fields of its rows, beside the roles. */
export function readRowArguments(
  problems: Problems,
  declared: Declared,
  args: ViewArguments,
): ReadonlyMap<string, readonly RegistryArgument[]> {
  return new Map(
    [...declared.services.values()].map((service) => [
      service.name,
      rowArguments(problems.about(subjectOf(service)), service, args),
    ]),
  )
}

function rowArguments(problems: Problems, service: AnyService, args: ViewArguments): readonly RegistryArgument[] {
  const roles = Object.keys(service.roles as Readonly<Record<string, AnyEntity>>)
  const views = new Set(roles.flatMap((role) => featuresOfRole(service, role).map(({ view }) => view)))
  const merged = mergeArguments(
    problems,
    [...views].map((view) => ({ of: `view '${view}'`, args: args.field.get(view) ?? [] })),
  )
  for (const { name } of merged.filter((argument) => roles.includes(argument.name))) {
    problems.add('DEFINITION_NAME_TAKEN', {
      seen: `'${name}' is a role and an argument of an on-demand feature`,
      why: 'Roles and arguments are fields of one row.',
      mend: 'Rename the role or the argument.',
    })
  }
  return merged
}
