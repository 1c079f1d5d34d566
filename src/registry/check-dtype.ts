import type { Dtype } from '../definitions/dtypes.ts'
import { inspect } from '../lib/inspect.ts'
import { checkMemberName, checkTypeName } from './check-names.ts'
import type { Problems } from './problems.ts'

const SCALARS: ReadonlySet<unknown> = new Set([
  ...['bool', 'int32', 'int64', 'float32', 'float64', 'string', 'uuid', 'timestamp', 'bytes', 'json'],
])
const MAX_DIMENSIONS = 65_536

/** Whether a dtype is one of those there are, with legal members, dimensions and element. `problems` is about its feature. */
export function checkDtype(problems: Problems, dtype: Dtype): boolean {
  if (SCALARS.has(dtype.kind)) return true
  if (dtype.kind === 'enum') return checkEnum(problems, dtype)
  if (dtype.kind === 'vector') return checkDimensions(problems, dtype.dimensions)
  if (dtype.kind === 'list') return checkElement(problems, dtype.of)
  problems.add('DEFINITION_INVALID', {
    seen: `dtype ${inspect(dtype)}`,
    why: 'There is no such dtype.',
    mend: 'Declare features by the builders: bool(), int32(), string(), enumOf(), vector(), list() and so on.',
  })
  return false
}

function checkDimensions(problems: Problems, dimensions: unknown): boolean {
  if (Number.isInteger(dimensions) && Number(dimensions) >= 1 && Number(dimensions) <= MAX_DIMENSIONS) return true
  problems.add('DEFINITION_INVALID', {
    seen: `a vector of ${inspect(dimensions)} dimensions`,
    why: 'A vector has 1 to 65,536 dimensions.',
    mend: 'Write how many numbers the embedding has, e.g. vector(384).',
  })
  return false
}

function checkElement(problems: Problems, element: unknown): boolean {
  const { kind } = (element ?? {}) as Partial<Dtype>
  if (SCALARS.has(kind) || kind === 'enum') return checkDtype(problems, element as Dtype)
  problems.add('DEFINITION_INVALID', {
    seen: `a list of ${inspect(element)}`,
    why: 'A list holds scalars.',
    mend: 'Flatten it, or declare it as json().',
  })
  return false
}

function checkEnum(problems: Problems, dtype: Dtype & { readonly kind: 'enum' }): boolean {
  if (!isEnum(dtype)) {
    problems.add('DEFINITION_INVALID', {
      seen: `enum ${inspect(dtype.name)} with the members ${inspect(dtype.members)}`,
      why: 'An enum has a name and at least one member, each a text.',
      mend: "Write enumOf('Season', ['WINTER', 'SUMMER']).",
    })
    return false
  }
  const legal = [
    checkTypeName(problems, 'enum name', dtype.name),
    ...dtype.members.map((member) => checkMemberName(problems, `member of enum '${dtype.name}'`, member)),
  ]
  return checkDistinct(problems, dtype) && legal.every(Boolean)
}

function isEnum({ name, members }: { readonly name: unknown; readonly members: unknown }): boolean {
  const isListOfTexts = Array.isArray(members) && members.every((member) => typeof member === 'string')
  return typeof name === 'string' && isListOfTexts && members.length > 0
}

function checkDistinct(problems: Problems, { name, members }: Dtype & { readonly kind: 'enum' }): boolean {
  const twice = members.find((member, index) => members.indexOf(member) !== index)
  if (twice === undefined) return true
  problems.add('DEFINITION_NAME_TAKEN', {
    seen: `enum '${name}' has the member '${twice}' twice`,
    why: 'Members of an enum are distinct.',
    mend: 'Take one of the two out.',
  })
  return false
}
