import { type ASTNode, type DocumentNode, type FieldNode, type GraphQLResolveInfo, Kind, visit } from 'graphql'

type Met = (what: string) => void

/** Notes how a field that is being resolved came to be: under an alias, merged from several fragments. */
export function noteField(document: DocumentNode, info: GraphQLResolveInfo, met: Met): void {
  if (info.path.key !== info.fieldName) met('alias')
  if (info.fieldNodes.length === 1) return
  const places = new Set(info.fieldNodes.map((node) => placesOf(document).get(node)!))
  const fragments = [...places].filter(({ kind }) => kind !== Kind.FIELD && kind !== Kind.OPERATION_DEFINITION)
  if (places.size > 1 && fragments.length > 0) met('merged from fragments')
}

/** Notes the fragments that the selection on representations is made of. */
export function noteFragments({ fieldNodes }: GraphQLResolveInfo, met: Met): void {
  const selections = fieldNodes.flatMap(({ selectionSet }) => selectionSet?.selections ?? [])
  if (selections.some(({ kind }) => kind !== Kind.FIELD)) met('_Entity fragment')
}

/** Notes a reference that is followed from what a reference led to. */
export function noteReference(info: GraphQLResolveInfo, met: Met): void {
  let depth = 0
  for (let path = info.path.prev; path !== undefined; path = path.prev) if (typeof path.key === 'string') depth += 1
  if (depth > 1) met('nested reference')
}

const knownPlaces = new WeakMap<DocumentNode, ReadonlyMap<FieldNode, ASTNode>>()

/** For each field of a document what it stands in: a fragment, inline or not, another field, or the operation. */
function placesOf(document: DocumentNode): ReadonlyMap<FieldNode, ASTNode> {
  const known = knownPlaces.get(document)
  if (known !== undefined) return known
  const places = new Map<FieldNode, ASTNode>()
  visit(document, {
    Field: (node, _key, _parent, _path, ancestors) => {
      const around = ancestors.filter((ancestor): ancestor is ASTNode => 'kind' in ancestor)
      places.set(node, around.findLast(({ kind }) => kind !== Kind.SELECTION_SET)!)
    },
  })
  knownPlaces.set(document, places)
  return places
}
