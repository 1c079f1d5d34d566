import type { AnyEntity } from '../definitions/entity.ts'
import { invariant } from '../lib/assert.ts'
import { featuresOfRole } from './check-services.ts'
import type { AnyService, Declared } from './declared.ts'
import { serviceFingerprint } from './fingerprint.ts'
import { serviceFieldName } from './names.ts'
import type { RegistryArgument, RegistryEntity, RegistryService } from './registry.ts'

interface Closing {
  readonly declared: Declared
  readonly prefix: string
  readonly entities: ReadonlyMap<string, RegistryEntity>
  readonly rowArgs: ReadonlyMap<string, readonly RegistryArgument[]>
}

/** The services, in declared order. */
export function closeServices(closing: Closing): readonly RegistryService[] {
  return [...closing.declared.services.values()].map((service) => closeService(service, closing))
}

function closeService(definition: AnyService, { prefix, entities, rowArgs }: Closing): RegistryService {
  const { name, version, description, owner, tags } = definition
  const roles = Object.entries(definition.roles as Readonly<Record<string, AnyEntity>>)
  const service = {
    ...{ name, version, description, owner, tags },
    fieldName: serviceFieldName(name, prefix),
    roles: roles.map(([role, entity]) => closeRole(role, definition, entities.get(entity.name)!)),
    rowArgs: rowArgs.get(name)!,
  }
  return { ...service, fingerprint: serviceFingerprint(service) }
}

function closeRole(name: string, service: AnyService, entity: RegistryEntity): RegistryService['roles'][number] {
  const features = featuresOfRole(service, name).map((named) => {
    const feature = entity.features.find((candidate) => candidate.name === named.name)
    invariant(feature !== undefined, `feature ${named.name} of role ${name} was checked`)
    return feature
  })
  return { name, entity, features }
}
