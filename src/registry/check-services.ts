import type { AnyEntity } from '../definitions/entity.ts'
import type { ViewFeature } from '../definitions/view-feature.ts'
import { checkName } from './check-names.ts'
import { checkVersion } from './check-views.ts'
import { type AnyService, type Declared, subjectOf } from './declared.ts'
import { checkUse } from './feature-use.ts'
import { checkListed } from './listed-entity.ts'
import { SERVICE_FIELDS } from './names.ts'
import type { Problems } from './problems.ts'

/** The rules of feature services: names, roles, and the features of each role. */
export function checkServices(problems: Problems, declared: Declared): void {
  for (const service of declared.services.values()) {
    const inner = problems.about(subjectOf(service))
    checkName(inner, 'name', service.name)
    checkVersion(inner, service)
    checkRoles(inner, service, declared)
  }
}

function checkRoles(problems: Problems, service: AnyService, declared: Declared): void {
  const roles = Object.entries(service.roles as Readonly<Record<string, AnyEntity>>)
  if (roles.length === 0) {
    problems.add('DEFINITION_INVALID', {
      seen: 'it has no roles',
      why: 'A service reads features of at least one entity.',
      mend: 'Write roles: { origin: airport }.',
    })
  }
  for (const [role, entity] of roles) {
    checkRoleName(problems, role)
    const inner = problems.about(`role '${role}'`)
    checkListed(inner, entity, declared)
    checkRoleFeatures(inner, { entity: entity.name, features: featuresOfRole(service, role) }, declared)
  }
  for (const role of Object.keys(service.features).filter((name) => !Object.hasOwn(service.roles, name))) {
    problems.add('DEFINITION_REFERENCE_UNRESOLVED', {
      seen: `it names features for role '${role}'`,
      why: `The service has no such role; its roles are ${roles.map(([name]) => name).join(', ')}.`,
      mend: 'Add the role, or mend its name.',
    })
  }
}

/** The features that a service names for a role. */
export function featuresOfRole(service: AnyService, role: string): readonly ViewFeature[] {
  const features = service.features as Readonly<Record<string, readonly ViewFeature[]>>
  return Object.hasOwn(features, role) ? features[role]! : []
}

function checkRoleName(problems: Problems, role: string): void {
  if (!checkName(problems, 'role name', role) || !SERVICE_FIELDS.includes(role)) return
  problems.add('DEFINITION_NAME_TAKEN', {
    seen: `role name '${role}'`,
    why: `Every service's answer has a field '${role}' of its own.`,
    mend: 'Give the role another name.',
  })
}

function checkRoleFeatures(
  problems: Problems,
  { entity, features }: { readonly entity: string; readonly features: readonly ViewFeature[] },
  declared: Declared,
): void {
  if (features.length === 0) {
    problems.add('DEFINITION_INVALID', {
      seen: 'it has no features',
      why: 'A role gives at least one feature.',
      mend: 'Name its features under features, or take the role out.',
    })
  }
  const names = new Set<string>()
  for (const feature of features) {
    checkUse(problems, feature, { as: 'one of its features', entity, declared })
    if (names.has(feature.name)) reportTwice(problems, feature.name)
    names.add(feature.name)
  }
}

function reportTwice(problems: Problems, name: string): void {
  problems.add('DEFINITION_NAME_TAKEN', {
    seen: `feature '${name}' is listed twice`,
    why: 'Each feature of a role is one field of the answer.',
    mend: 'List it once.',
  })
}
