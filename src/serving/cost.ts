import { GraphQLError } from 'graphql'
import type { Limits } from '../registry/limits.ts'
import { limitExceeded } from './limit-error.ts'
import type { EntityField, EntitySelection, QueryPlan, RoleSelection, RootField } from './plan.ts'
import type { SiteOutcome } from './request.ts'
import type { RootInput } from './roots.ts'

/** What a request asks for, known once its variables are coerced and before anything is read. */
export interface Cost {
  /** Keys over all scans, duplicates and all. */
  readonly keys: number
  /** Keys times selected features; a vector counts as many as it has dimensions. */
  readonly values: number
}

/** What one object of a selection costs, with all that its references lead to. */
export interface ObjectCost extends Cost {
  /** Slots of `featureInfo` fields, whose values are as many as the features that they name in a request. */
  readonly infoSlots: readonly number[]
}

/** What each root field costs for each key that it is given. */
export type PlanCost = ReadonlyMap<EntitySelection | RoleSelection, ObjectCost>

const NOTHING: ObjectCost = { keys: 0, values: 0, infoSlots: [] }

/** Reckons once what every object at the root of a plan costs. */
export function costOfPlan({ root }: QueryPlan): PlanCost {
  const selections = root.fields.flatMap(selectionsOf)
  return new Map(selections.map((selection) => [selection, costOfObject(selection)]))
}

function selectionsOf(field: RootField): readonly (EntitySelection | RoleSelection)[] {
  switch (field.kind) {
    case 'entity':
    case 'entities':
      return [field.selection]
    case 'representations':
      return [...field.selections.values()]
    case 'service':
      return field.selection.fields.flatMap((member) => (member.kind === 'role' ? [member.selection] : []))
    case 'typename':
    case 'fallback':
      return []
    default:
      return field satisfies never
  }
}

/** Of one object of a selection: its own key and values, and those of all objects that it refers to. */
export function costOfObject(selection: EntitySelection | RoleSelection): ObjectCost {
  const parts = selection.fields.map((field) =>
    field.kind === 'column' ? valueCost(field.feature) : costOfField(field),
  )
  return sumOfCosts([{ ...NOTHING, keys: 1 }, ...parts])
}

function costOfField(field: EntityField): ObjectCost {
  switch (field.kind) {
    case 'stored':
    case 'onDemand':
      return valueCost(field.feature)
    case 'reference':
      return costOfObject(field.selection)
    case 'featureInfo':
      return { ...NOTHING, infoSlots: [field.site.slot] }
    case 'typename':
    case 'key':
      return NOTHING
    default:
      return field satisfies never
  }
}

function valueCost({ dtype }: { readonly dtype: { readonly kind: string; readonly dimensions?: number } }): ObjectCost {
  return { ...NOTHING, values: dtype.kind === 'vector' ? dtype.dimensions! : 1 }
}

/** Together; nothing costs nothing. */
export function sumOfCosts(costs: readonly ObjectCost[]): ObjectCost {
  return {
    keys: costs.reduce((total, { keys }) => total + keys, 0),
    values: costs.reduce((total, { values }) => total + values, 0),
    infoSlots: costs.flatMap(({ infoSlots }) => infoSlots),
  }
}

/** The cost of one request. */
export function costOfRequest(
  plan: QueryPlan,
  costs: PlanCost,
  { inputs, sites }: { readonly inputs: readonly RootInput[]; readonly sites: readonly SiteOutcome[] },
): Cost {
  let keys = 0
  let values = 0
  const add = (selection: EntitySelection | RoleSelection, count: number): void => {
    const cost = costs.get(selection)!
    keys += count * cost.keys
    values += count * cost.values
    for (const slot of cost.infoSlots) values += count * namedBy(sites[slot])
  }
  for (const [index, field] of plan.root.fields.entries()) {
    const input = inputs[index]
    if (input === undefined || input instanceof Error) continue
    if (input.kind === 'representations') {
      for (const one of input.representations) if (!(one instanceof Error)) add(one.selection, 1)
    } else {
      for (const selection of selectionsOf(field)) add(selection, countOf(input))
    }
  }
  return { keys, values }
}

function countOf(input: Exclude<RootInput, Error | undefined | { readonly kind: 'representations' }>): number {
  switch (input.kind) {
    case 'key':
      return 1
    case 'keys':
      return input.keys.length
    case 'rows':
      return input.rows.length
    default:
      return input satisfies never
  }
}

function namedBy(site: SiteOutcome | undefined): number {
  return Array.isArray(site) ? site.length : 0
}

/** Why a request is not answered at all: it asks for more keys or values than a limit allows. */
export function overLimit(cost: Cost, limits: Pick<Limits, 'maxKeys' | 'maxValues'>): GraphQLError | undefined {
  const passed = [
    { limit: 'maxKeys', allowed: limits.maxKeys, value: cost.keys },
    { limit: 'maxValues', allowed: limits.maxValues, value: cost.values },
  ] as const
  const over = passed.find(({ allowed, value }) => value > allowed)
  if (over === undefined) return undefined
  const error = limitExceeded(over)
  return new GraphQLError(error.message, { originalError: error })
}
