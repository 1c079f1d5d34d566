import { costOfObject, type ObjectCost, sumOfCosts } from './cost.ts'
import type { EntitySelection, QueryPlan, RootField } from './plan.ts'

/** What each root field of a plan counts towards the limits of keys and values: how many there are of it is known only with variables. */
export function explainCost({ root }: QueryPlan): readonly string[] {
  return root.fields.flatMap(explainRoot)
}

function explainRoot(field: RootField): readonly string[] {
  const { responseKey } = field
  switch (field.kind) {
    case 'entity':
      return [`${responseKey}: ${describe(costOfObject(field.selection))}`]
    case 'entities':
      return [`each of ${responseKey}: ${describe(costOfObject(field.selection))}`]
    case 'representations':
      return [...field.selections.values()]
        .filter(isSelected)
        .map((selection) => `each ${selection.entity.name} of ${responseKey}: ${describe(costOfObject(selection))}`)
    case 'service': {
      const roles = field.selection.fields.flatMap((member) => (member.kind === 'role' ? [member.selection] : []))
      return [`each row of ${responseKey}: ${describe(sumOfCosts(roles.map(costOfObject)))}`]
    }
    case 'typename':
    case 'fallback':
      return []
    default:
      return field satisfies never
  }
}

/** Entities that no fragment names would be told of with nothing to tell. */
export function isSelected({ fields }: EntitySelection): boolean {
  return fields.some(({ kind }) => kind !== 'typename')
}

function describe({ keys, values, infoSlots }: ObjectCost): string {
  const named = infoSlots.length === 0 ? '' : ', and one for each feature that featureInfo tells of'
  return `${count(keys, 'key')}, ${count(values, 'value')}${named}`
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}
