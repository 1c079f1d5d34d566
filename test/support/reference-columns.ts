import { type FieldNode, GraphQLError, type GraphQLResolveInfo, getNamedType } from 'graphql'
import type { RegistryBatchView, RegistryFeature, RegistryService } from '../../src/registry/registry.ts'
import type { FieldstoneSchema } from '../../src/sdl/schema.ts'
import { addNeeds } from './reference-needs.ts'
import { type EntityObject, inPlace, type Reading } from './reference-reading.ts'
import { selectedFields } from './reference-selection.ts'
import type { Values } from './reference-values.ts'

export interface ServiceAnswer {
  readonly kind: 'service'
  readonly service: RegistryService
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

interface RoleAnswer {
  readonly kind: 'role'
  readonly rows: ServiceAnswer['rows']
  /** An object, or why its row is null. */
  readonly objects: readonly (EntityObject | Error)[]
  /** Where the errors of its rows stand: response keys of a column and a list. */
  readonly firstList: readonly string[] | undefined
}

interface ColumnAnswer {
  readonly kind: 'column'
  readonly feature: RegistryFeature
  readonly role: RoleAnswer
  /** Where the errors of its own feature stand. */
  readonly firstList: string | undefined
}

export interface Columns {
  role(answer: ServiceAnswer, index: number, info: GraphQLResolveInfo): Promise<RoleAnswer>
  column(role: RoleAnswer, feature: RegistryFeature, info: GraphQLResolveInfo): ColumnAnswer
  list(column: ColumnAnswer, part: 'value' | 'status', info: GraphQLResolveInfo): Promise<readonly unknown[]>
}

interface ColumnsOptions {
  readonly reading: Reading
  readonly values: Values
  readonly schema: FieldstoneSchema
  readonly met: (what: string) => void
}

/** Feature services: one object a role, one list of values and one of statuses a feature. */
export function createColumns({ reading, values, schema, met }: ColumnsOptions): Columns {
  /** The views that a role's lists need, and the first of these lists. A column of which no list is selected reads nothing. */
  function lookAhead(info: GraphQLResolveInfo): Pick<RoleAnswer, 'firstList'> & {
    readonly needed: ReadonlySet<RegistryBatchView>
  } {
    const needed = new Set<RegistryBatchView>()
    const typeName = getNamedType(info.returnType).name
    let firstList: readonly string[] | undefined
    for (const field of selectedFields(typeName, info.fieldNodes, { info, met })) {
      const meaning = schema.meanings.get(`${typeName}.${field.name}`)
      if (meaning?.kind !== 'column') continue
      const list = firstListOf(field.typeName(schema.schema, typeName), field.nodes, info)
      if (list === undefined) continue
      firstList ??= [field.responseKey, list]
      addNeeds(meaning.feature, needed)
    }
    return { needed, firstList }
  }

  /** None where graphql-js refuses to collect the column's fields: the column is null then, at its own path. */
  function firstListOf(typeName: string, nodes: readonly FieldNode[], info: GraphQLResolveInfo): string | undefined {
    try {
      const fields = selectedFields(typeName, nodes, { info, met })
      return fields.find(({ name }) => name !== '__typename')?.responseKey
    } catch (error) {
      if (error instanceof GraphQLError) return undefined
      throw error
    }
  }

  async function role({ service, rows }: ServiceAnswer, index: number, info: GraphQLResolveInfo): Promise<RoleAnswer> {
    const { name, entity } = service.roles[index]!
    const { needed, firstList } = lookAhead(info)
    const objectOfRow = async (row: Readonly<Record<string, unknown>>): Promise<EntityObject> => {
      const key = row[name] as Readonly<Record<string, unknown>>
      const given = entity.keys.map((column) => key[column.name])
      return reading.readable(reading.objectOf(entity, given), needed)
    }
    const objects = await Promise.all(rows.map((row) => inPlace(objectOfRow(row))))
    if (objects.some((object) => object instanceof Error)) met('failed row of a role')
    return { kind: 'role', rows, objects, firstList }
  }

  async function list(
    of: ColumnAnswer,
    part: 'value' | 'status',
    info: GraphQLResolveInfo,
  ): Promise<readonly unknown[]> {
    const [columnKey, listKey] = [info.path.prev!.key, info.path.key]
    const tellsRows = of.role.firstList?.[0] === columnKey && of.role.firstList[1] === listKey
    const element = async (object: EntityObject, index: number): Promise<unknown> => {
      const args = of.role.rows[index]!
      return part === 'value'
        ? values.leaf(object, of.feature, args)
        : (await values.served(object, of.feature, args)).status
    }
    met('column')
    return Promise.all(
      of.role.objects.map(async (object, index) => {
        if (object instanceof Error) return tellsRows ? object : null
        const outcome = await inPlace(element(object, index))
        return outcome instanceof Error && of.firstList !== listKey ? null : outcome
      }),
    )
  }

  return {
    role,
    column: (of, feature, info) => {
      const firstList = firstListOf(getNamedType(info.returnType).name, info.fieldNodes, info)
      return { kind: 'column', feature, role: of, firstList }
    },
    list,
  }
}
