import type { Definition } from '../definitions/definition.ts'
import type { EnumDtype } from '../definitions/dtypes.ts'
import { inspect } from '../lib/inspect.ts'
import { checkClashes } from './check-clashes.ts'
import { checkEntities } from './check-entities.ts'
import { checkName } from './check-names.ts'
import { checkOnDemandViews } from './check-on-demand-views.ts'
import { checkServices } from './check-services.ts'
import { checkViews } from './check-views.ts'
import { closeReferences, draftEntities } from './close-entities.ts'
import { closeServices } from './close-services.ts'
import { closeViews } from './close-views.ts'
import { collectDefinitions, type Declared } from './declared.ts'
import { registryFingerprint } from './fingerprint.ts'
import { createProblems, type Problems } from './problems.ts'
import type { Registry, RegistryArgument, RegistryEntity } from './registry.ts'
import { readRowArguments } from './service-arguments.ts'
import { readArguments, type ViewArguments } from './view-arguments.ts'

export interface CloseOptions {
  /** Of the deployment. */
  readonly name: string
  readonly definitions: readonly Definition[]
  /** See `Registry.prefix`. Default: none. */
  readonly prefix?: string
}

/**
 * Closes definitions (SPEC S1): resolves every reference, checks every name and rule, and gives everything its fingerprint.
 * Throws FieldstoneErrors with all that is wrong: DEFINITION_INVALID, DEFINITION_NAME_ILLEGAL, DEFINITION_NAME_TAKEN,
 * DEFINITION_REFERENCE_UNRESOLVED, DEFINITION_CYCLE.
 */
export function closeRegistry({ name, definitions, prefix = '' }: CloseOptions): Registry {
  const problems = createProblems()
  if (definitions.length === 0) reportEmpty(problems, name)
  const declared = collectDefinitions(definitions, problems)
  const read = check(problems, declared, prefix)
  problems.throwIfAny()
  return build({ name, prefix, declared, ...read! })
}

function reportEmpty(problems: Problems, name: string): void {
  problems.add('DEFINITION_INVALID', {
    seen: `deployment '${name}' has no definitions`,
    why: 'There is nothing to serve.',
    mend: "Export entities and views from the module that the config names under 'definitions'.",
  })
}

interface Arguments {
  readonly args: ViewArguments
  readonly rowArgs: ReadonlyMap<string, readonly RegistryArgument[]>
}

/** Checks everything; gives the arguments of on-demand views where they could be read, that is but for circles. */
function check(problems: Problems, declared: Declared, prefix: string): Arguments | undefined {
  if (prefix !== '') checkPrefix(problems, prefix)
  checkEntities(problems, declared)
  checkViews(problems, declared)
  const isAcyclic = checkOnDemandViews(problems, declared)
  checkServices(problems, declared)
  const args = isAcyclic ? readArguments(problems, declared, prefix) : undefined
  checkClashes(problems, declared, { prefix, argumentTypes: args?.types ?? [] })
  return args && { args, rowArgs: readRowArguments(problems, declared, args) }
}

function checkPrefix(problems: Problems, prefix: string): void {
  if (!checkName(problems, 'prefix', prefix) || !prefix.startsWith('_')) return
  problems.add('DEFINITION_NAME_ILLEGAL', {
    seen: `prefix ${inspect(prefix)}`,
    why: 'Root fields that begin with _ are kept for federation.',
    mend: `Write ${inspect(prefix.replace(/^_+/, '') || 'geo')}.`,
  })
}

function build(options: Arguments & { readonly name: string; readonly prefix: string; readonly declared: Declared }) {
  const { name, prefix, declared, args, rowArgs } = options
  const drafts = draftEntities(declared, prefix)
  closeViews({ declared, drafts, args })
  closeReferences(declared, drafts)
  const entities = [...drafts.values()]
  const services = closeServices({ declared, prefix, entities: drafts, rowArgs })
  const registry = { name, prefix, entities, services, enums: enumsOf(entities) }
  return { ...registry, fingerprint: registryFingerprint(registry) }
}

function enumsOf(entities: readonly RegistryEntity[]): readonly EnumDtype[] {
  const enums = new Map<string, EnumDtype>()
  for (const { dtype } of entities.flatMap((entity) => entity.features)) {
    const element = dtype.kind === 'list' ? dtype.of : dtype
    if (element.kind === 'enum' && !enums.has(element.name)) enums.set(element.name, element)
  }
  return [...enums.values()]
}
