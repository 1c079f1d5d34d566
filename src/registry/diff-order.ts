import type { EntitySnapshot, RegistrySnapshot } from './snapshot.ts'

type Definitions = Pick<RegistrySnapshot, 'entities' | 'services'>

/** Whether what both hold stands in another order. The order of keys and of features within a view or role has changes of its own. */
export function isReordered(before: Definitions, after: Definitions): boolean {
  return orderOf(before, after) !== orderOf(after, before)
}

function orderOf(registry: Definitions, other: Definitions): string {
  const theirs = new Set(namesOf(other))
  return namesOf(registry)
    .filter((name) => theirs.has(name))
    .join()
}

function namesOf({ entities, services }: Definitions): readonly string[] {
  return [
    ...entities.flatMap((entity) => [entity.name, ...namesOfEntity(entity)]),
    ...services.flatMap(({ name, roles, rowArgs }) => [
      `service ${name}`,
      ...[...roles, ...rowArgs].map((field) => `service ${name} ${field.name}`),
    ]),
  ]
}

function namesOfEntity(entity: EntitySnapshot): readonly string[] {
  const viewOf = new Map(
    [...entity.batchViews, ...entity.onDemandViews].flatMap((view) =>
      view.features.map((feature) => [feature.name, view.name]),
    ),
  )
  // Views stand in the order of their features.
  const views = new Set(entity.features.map((feature) => viewOf.get(feature)))
  const args = entity.onDemandViews.flatMap((view) => view.args.map((argument) => `${view.name} ${argument.name}`))
  return [...entity.references.map(({ name }) => name), ...views, ...args].map((name) => `${entity.name} ${name}`)
}
