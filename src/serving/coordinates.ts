import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { FieldstoneSchema } from '../sdl/schema.ts'
import { fragmentsOf } from './planner.ts'

/** Every field of the schema that an operation selects, also through fragments, as `Type.field`: each once, sorted. */
export function coordinatesOf(of: {
  readonly schema: FieldstoneSchema
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
}): readonly string[] {
  const fragments = fragmentsOf(of.document)
  const coordinates = new Set<string>()
  const reached = new Set<string>()
  const waiting: (OperationDefinitionNode | FragmentDefinitionNode)[] = [of.operation]
  const types = new TypeInfo(of.schema.schema)
  const visitor = visitWithTypeInfo(types, {
    Field: ({ name }) => {
      const parent = types.getParentType()
      if (parent != null && !name.value.startsWith('__')) coordinates.add(`${parent.name}.${name.value}`)
    },
    FragmentSpread: ({ name }) => {
      const fragment = fragments.get(name.value)
      if (fragment === undefined || reached.has(name.value)) return
      reached.add(name.value)
      waiting.push(fragment)
    },
  })
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) visit(part, visitor)
  return [...coordinates].sort()
}
