import { inspect } from '../lib/inspect.ts'
import type { Problems } from './problems.ts'

const GRAPHQL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const NOT_ENUM_VALUES: ReadonlySet<string> = new Set(['true', 'false', 'null'])
const FEDERATION_PREFIX = /^(link|federation|connect)__/

/** Any name of the schema. `what` names it in the message, e.g. `feature name`. Tells whether it is legal. */
export function checkName(problems: Problems, what: string, name: string): boolean {
  if (GRAPHQL_NAME.test(name) && !name.startsWith('__')) return true
  problems.add('DEFINITION_NAME_ILLEGAL', { seen: `${what} ${inspect(name)}`, ...suggestion(name) })
  return false
}

/** The name of a type: besides, none that federation keeps for itself. */
export function checkTypeName(problems: Problems, what: string, name: string): boolean {
  if (!checkName(problems, what, name)) return false
  if (!FEDERATION_PREFIX.test(name)) return true
  problems.add('DEFINITION_NAME_ILLEGAL', {
    seen: `${what} ${inspect(name)}`,
    why: `Apollo Federation keeps type names that begin with ${FEDERATION_PREFIX.exec(name)![0]} for itself.`,
  })
  return false
}

/** The name of an entity: besides, none with a leading underscore. */
export function checkEntityName(problems: Problems, name: string): boolean {
  if (!checkTypeName(problems, 'name', name)) return false
  if (!name.startsWith('_')) return true
  problems.add('DEFINITION_NAME_ILLEGAL', {
    seen: `name ${inspect(name)}`,
    why: 'Entity names that begin with _ are kept for the records of the online store and for federation.',
    mend: `Name it ${inspect(name.replace(/^_+/, '') || 'Thing')}.`,
  })
  return false
}

/** A member of an enum; features are members of their entity's enum of features. */
export function checkMemberName(problems: Problems, what: string, name: string): boolean {
  if (!checkName(problems, what, name)) return false
  if (!NOT_ENUM_VALUES.has(name)) return true
  problems.add('DEFINITION_NAME_ILLEGAL', {
    seen: `${what} ${inspect(name)}`,
    why: 'GraphQL enums admit any name but true, false and null.',
  })
  return false
}

/** A legal name near an illegal one, where there is one: `meanDelay` for `mean delay`. */
function suggestion(name: string): { readonly mend?: string } {
  const legal = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/^_+/, '')
    .replace(/[^A-Za-z0-9_]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase())
  return /^[A-Za-z]/.test(legal) ? { mend: `Name it ${inspect(legal)}, say.` } : {}
}
