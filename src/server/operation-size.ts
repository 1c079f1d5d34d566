import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** What a definition comes to with its fragments written out. Numbers stop at the greatest safe one. */
export interface OperationSize {
  readonly fields: number
  readonly aliases: number
  readonly directives: number
  /** Fields one within another, without what is under `__schema` and `__type`. */
  readonly depth: number
  /** Selection sets one within another, of fragments too. */
  readonly nesting: number
}

/** An operation or fragment, taken apart. */
export interface Part {
  readonly node: OperationDefinitionNode | FragmentDefinitionNode
  /** Its selections in the order of the text. */
  readonly steps: readonly Step[]
  /** On the definition itself and its variables. */
  readonly directives: number
}

interface Step {
  readonly node: SelectionNode
  /** Fields that are counted around it, and itself if it is one. */
  readonly depth: number
  /** Whether fields count here. */
  readonly isCounted: boolean
  /** Selection sets around it. */
  readonly nesting: number
}

/** A document whose definitions are measured: in time linear in its text, on a stack that does not grow with it. */
export interface MeasuredDocument {
  readonly parts: readonly Part[]
  /** Whether a fragment is spread within itself. Such a spread counts as nothing. */
  readonly isCyclic: boolean
  sizeOf(part: Part): OperationSize
  /** The first node that comes to more than allowed. For documents without cycles. */
  placeOf(measure: keyof OperationSize, part: Part, allowed: number): ASTNode
}

export function measureDocument(document: DocumentNode): MeasuredDocument {
  const parts = document.definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION || node.kind === Kind.FRAGMENT_DEFINITION ? [takeApart(node)] : [],
  )
  const fragments = fragmentsByName(parts)
  const { ordered, isCyclic } = innerFirst(parts, fragments)
  const sizes = new Map<Part, OperationSize>()
  const insideOf = (step: Step): Part | undefined =>
    step.node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(step.node.name.value) : undefined
  const sizeOf = (step: Step): OperationSize => withInside(step, sizes.get(insideOf(step)!))
  for (const part of ordered)
    sizes.set(
      part,
      part.steps.reduce((size, step) => sum(size, sizeOf(step)), ownSize(part)),
    )
  return {
    ...{ parts, isCyclic },
    sizeOf: (part) => sizes.get(part)!,
    placeOf: (measure, part, allowed) => findPlace({ measure, sizeOf, insideOf }, part, allowed),
  }
}

/** Where several have one name, which is refused elsewhere, graphql-js takes the last. */
function fragmentsByName(parts: readonly Part[]): ReadonlyMap<string, Part> {
  return new Map(
    parts.flatMap((part) => (part.node.kind === Kind.FRAGMENT_DEFINITION ? [[part.node.name.value, part]] : [])),
  )
}

function takeApart(node: Part['node']): Part {
  const steps: Step[] = []
  const waiting: Step[] = stepsWithin(node.selectionSet, { depth: 0, isCounted: true, nesting: 0 })
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    steps.push(step)
    if (step.node.kind === Kind.FRAGMENT_SPREAD || step.node.selectionSet === undefined) continue
    // One by one: a call with thousands of arguments would be as deep as they are many.
    for (const inner of stepsWithin(step.node.selectionSet, step)) waiting.push(inner)
  }
  const variables = node.variableDefinitions ?? []
  const directives = variables.reduce((count, variable) => count + (variable.directives?.length ?? 0), 0)
  return { node, steps, directives: directives + (node.directives?.length ?? 0) }
}

/** Last first, as they are taken from the end. */
function stepsWithin({ selections }: SelectionSetNode, around: Omit<Step, 'node'> & { readonly node?: SelectionNode }) {
  const isCounted = around.isCounted && !isIntrospection(around.node)
  return selections.toReversed().map((node): Step => {
    const depth = around.depth + (isCounted && node.kind === Kind.FIELD ? 1 : 0)
    return { node, depth, isCounted, nesting: around.nesting + 1 }
  })
}

/** Standard tools ask for types within types within types; graphql-js bounds that by a rule of its own. */
function isIntrospection(node: SelectionNode | undefined): boolean {
  return node?.kind === Kind.FIELD && (node.name.value === '__schema' || node.name.value === '__type')
}

/** Each part after the fragments that it spreads, save where these spread it in turn. */
function innerFirst(parts: readonly Part[], fragments: ReadonlyMap<string, Part>) {
  const ordered: Part[] = []
  const states = new Map<Part, 'open' | 'done'>()
  let isCyclic = false
  const open = (part: Part) => {
    states.set(part, 'open')
    return { part, spreads: spreadsOf(part, fragments) }
  }
  for (const root of parts) {
    const path = states.has(root) ? [] : [open(root)]
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const next = last.spreads.pop()
      if (next === undefined) {
        states.set(last.part, 'done')
        ordered.push(last.part)
        path.pop()
      } else if (!states.has(next)) path.push(open(next))
      else isCyclic ||= states.get(next) === 'open'
    }
  }
  return { ordered, isCyclic }
}

function spreadsOf({ steps }: Part, fragments: ReadonlyMap<string, Part>): Part[] {
  const names = new Set(steps.flatMap(({ node }) => (node.kind === Kind.FRAGMENT_SPREAD ? [node.name.value] : [])))
  return [...names].flatMap((name) => fragments.get(name) ?? [])
}

const NOTHING: OperationSize = { fields: 0, aliases: 0, directives: 0, depth: 0, nesting: 0 }

function ownSize(owner: Part | Step): OperationSize {
  if ('steps' in owner) return { ...NOTHING, directives: owner.directives }
  const { node, depth, nesting } = owner
  const isField = node.kind === Kind.FIELD
  return {
    fields: isField ? 1 : 0,
    aliases: isField && node.alias !== undefined ? 1 : 0,
    directives: node.directives?.length ?? 0,
    depth,
    nesting,
  }
}

function withInside(step: Step, inside: OperationSize = NOTHING): OperationSize {
  const own = ownSize(step)
  return {
    ...sum(own, inside),
    depth: own.depth + (step.isCounted ? inside.depth : 0),
    nesting: own.nesting + inside.nesting,
  }
}

function sum(one: OperationSize, other: OperationSize): OperationSize {
  return {
    fields: safeSum(one.fields, other.fields),
    aliases: safeSum(one.aliases, other.aliases),
    directives: safeSum(one.directives, other.directives),
    depth: Math.max(one.depth, other.depth),
    nesting: Math.max(one.nesting, other.nesting),
  }
}

/** Fragments that spread fragments twice grow by powers. */
function safeSum(one: number, other: number): number {
  return Math.min(one + other, Number.MAX_SAFE_INTEGER)
}

interface Measuring {
  readonly measure: keyof OperationSize
  sizeOf(step: Step): OperationSize
  insideOf(step: Step): Part | undefined
}

/** Goes by sizes alone, and so into one fragment at each level. */
function findPlace(measuring: Measuring, start: Part, allowed: number): ASTNode {
  const { measure, insideOf } = measuring
  let [part, left] = [start, allowed]
  for (;;) {
    const own = ownSize(part)[measure]
    const passing = own > left ? undefined : firstPassing(measuring, part.steps, left - own)
    if (passing === undefined) return part.node
    const inside = insideOf(passing.step)
    const stepOwn = ownSize(passing.step)[measure]
    if (inside === undefined || stepOwn > passing.left) return passing.step.node
    ;[part, left] = [inside, passing.left - stepOwn]
  }
}

function firstPassing({ measure, sizeOf }: Measuring, steps: readonly Step[], allowed: number) {
  const isSum = measure !== 'depth' && measure !== 'nesting'
  let left = allowed
  for (const step of steps) {
    const size = sizeOf(step)[measure]
    if (size > left) return { step, left }
    if (isSum) left -= size
  }
  return undefined
}
