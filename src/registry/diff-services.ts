import { diffArguments } from './diff-arguments.ts'
import { diffWords } from './diff-words.ts'
import { breaking, type ChangeText, type RegistryChange, removal, safe } from './registry-change.ts'
import type { ServiceSnapshot } from './snapshot.ts'

/** Changes among the feature services. Within a version a service may only gain features: a model reads what it was trained on. */
export function diffServices(
  before: readonly ServiceSnapshot[],
  after: readonly ServiceSnapshot[],
): readonly RegistryChange[] {
  return [
    ...after.flatMap((service) => {
      const known = before.find(({ name }) => name === service.name)
      return known === undefined ? [added(service)] : diffService(known, service)
    }),
    ...before.filter(({ name }) => !after.some((service) => service.name === name)).map(removed),
  ]
}

function subjectOf({ name }: ServiceSnapshot): string {
  return `service ${name}`
}

function added(service: ServiceSnapshot): RegistryChange {
  return safe({
    kind: 'serviceAdded',
    subject: subjectOf(service),
    description: `added at version ${service.version}`,
    reason: 'A service stores nothing.',
  })
}

function removed(service: ServiceSnapshot): RegistryChange {
  const reason = 'Queries that ask for it fail.'
  return removal({ kind: 'serviceRemoved', subject: subjectOf(service), description: 'removed', reason }, false)
}

function diffService(before: ServiceSnapshot, after: ServiceSnapshot): readonly RegistryChange[] {
  const subject = subjectOf(after)
  const words = diffWords(subject, before, after)
  const changes = [...diffRoles(before, after), ...diffArguments(subject, before.rowArgs, after.rowArgs)]
  if (before.version === after.version) return [...words, ...changes]
  const description = `version ${before.version} -> ${after.version}`
  if (after.version < before.version) {
    const reason = 'Versions only rise, so that a model can tell which one it was trained on.'
    return [breaking({ kind: 'versionLowered', subject, description, reason }), ...words, ...changes]
  }
  const reason = `It comes with version ${after.version}.`
  return [
    safe({ kind: 'versionRaised', subject, description, reason: 'A service stores nothing.' }),
    ...words,
    ...changes.map((change) => (change.safety === 'safe' ? change : safe({ ...change, reason }))),
  ]
}

function diffRoles(before: ServiceSnapshot, after: ServiceSnapshot): readonly RegistryChange[] {
  const names = [...new Set([...after.roles, ...before.roles].map(({ name }) => name))]
  return names.flatMap((name) => {
    const [old, now] = [before, after].map(({ roles }) => roles.find((role) => role.name === name))
    const [was, is] = [old, now].map(roleText)
    if (was === is) return []
    const text = {
      kind: 'rolesChanged',
      subject: subjectOf(after),
      description: `role ${name}: ${was} -> ${is}`,
    } as const
    if (old !== undefined && now !== undefined && old.entity === now.entity) return [featuresChanged(text, old, now)]
    return [breaking({ ...text, reason: 'Callers send a row for each role that there was.' })]
  })
}

function featuresChanged(
  text: Omit<ChangeText, 'reason'>,
  old: { readonly features: readonly string[] },
  now: { readonly features: readonly string[] },
): RegistryChange {
  return old.features.every((feature) => now.features.includes(feature))
    ? safe({ ...text, reason: 'All that it gave before it still gives.' })
    : breaking({ ...text, reason: 'Queries that ask for what it no longer gives fail.' })
}

function roleText(role: ServiceSnapshot['roles'][number] | undefined): string {
  return role === undefined ? 'none' : `${role.entity} with ${role.features.join(', ')}`
}
