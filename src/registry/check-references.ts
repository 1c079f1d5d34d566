import type { AnyEntity, HeldBy, KeyColumns, ReferenceDefinition } from '../definitions/entity.ts'
import { inspect } from '../lib/inspect.ts'
import { checkName } from './check-names.ts'
import { type AnyView, type Declared, viewsOf } from './declared.ts'
import type { Problems } from './problems.ts'
import { targetOf } from './reference-target.ts'

interface Place {
  readonly entity: AnyEntity
  readonly target: AnyEntity
  readonly declared: Declared
}

/** The references of an entity: their targets, and what holds each key of the target. `problems` is about the entity. */
export function checkReferences(problems: Problems, entity: AnyEntity, declared: Declared): void {
  for (const [name, reference] of Object.entries(entity.references)) {
    checkName(problems, 'reference name', name)
    const inner = problems.about(`reference '${name}'`)
    const target = checkTarget(inner, reference, declared)
    if (target !== undefined) checkReferenceKeys(inner, reference, { entity, target, declared })
  }
}

function checkTarget(problems: Problems, reference: ReferenceDefinition, declared: Declared): AnyEntity | undefined {
  const named = targetOf(reference)
  if (named === undefined) {
    problems.add('DEFINITION_REFERENCE_UNRESOLVED', {
      seen: 'its target is no entity',
      why: 'ref() was given a value, or a function that returns a value, that is not (or not yet) an entity.',
      mend: 'Write ref(() => airport, …) where two files import each other.',
    })
    return undefined
  }
  const target = declared.entities.get(named)
  if (target === undefined && !declared.broken.has(named)) {
    problems.add('DEFINITION_REFERENCE_UNRESOLVED', {
      seen: `its target is entity '${named}'`,
      why: `The definitions hold no entity '${named}'${known(declared.entities.keys())}.`,
    })
  }
  return target
}

function checkReferenceKeys(problems: Problems, reference: ReferenceDefinition, place: Place): void {
  const { target } = place
  const targetKeys = Object.keys(target.keys)
  for (const key of targetKeys) {
    const holder = Object.hasOwn(reference.keys, key) ? reference.keys[key] : undefined
    if (holder === undefined) reportMissingKey(problems, target, key)
    else if (typeof holder === 'string') checkOwnKey(problems, { key, holder }, place)
    else checkHeldBy(problems, { key, holder }, place)
  }
  for (const key of Object.keys(reference.keys).filter((name) => !targetKeys.includes(name))) {
    problems.add('DEFINITION_REFERENCE_UNRESOLVED', {
      seen: `it maps key '${key}'`,
      why: `${target.name} has no such key; its keys are ${targetKeys.join(', ')}.`,
      mend: 'Take it out, or mend its name.',
    })
  }
}

function reportMissingKey(problems: Problems, target: AnyEntity, key: string): void {
  problems.add('DEFINITION_REFERENCE_UNRESOLVED', {
    seen: `it does not say what holds key '${key}' of ${target.name}`,
    why: 'A reference names a holder for every key of its target.',
    mend: `Write ref(…, { ${key}: 'ownKey' }), or heldBy('feature').`,
  })
}

function checkOwnKey(problems: Problems, { key, holder }: { key: string; holder: string }, place: Place): void {
  const keys = place.entity.keys as KeyColumns
  const own = Object.hasOwn(keys, holder) ? keys[holder] : undefined
  if (own === undefined) {
    problems.add('DEFINITION_REFERENCE_UNRESOLVED', {
      seen: `key '${key}' is held by '${holder}'`,
      why: `${place.entity.name} has no key '${holder}'; its keys are ${Object.keys(keys).join(', ')}.`,
      mend: `Name one of them, or write heldBy('${holder}') for a stored feature.`,
    })
    return
  }
  checkSameDtype(problems, { key, holder: `key '${holder}'`, kind: own.dtype.kind }, place)
}

function checkHeldBy(problems: Problems, { key, holder }: { key: string; holder: HeldBy }, place: Place): void {
  const views = viewsOf(place.declared, place.entity)
  const view = views.find((candidate) => Object.hasOwn(candidate.features, holder.feature))
  if (view?.kind === 'batchView') {
    const { kind } = view.features[holder.feature]!.definition.dtype
    checkSameDtype(problems, { key, holder: `feature '${holder.feature}'`, kind }, place)
  } else if (view !== undefined || !hasBrokenView(place.declared)) {
    reportHolder(problems, { key, feature: holder.feature, view }, place)
  }
}

/** A view that was left out may be the one that has the feature. */
function hasBrokenView({ broken }: Declared): boolean {
  return broken.size > 0
}

function reportHolder(
  problems: Problems,
  { key, feature, view }: { key: string; feature: string; view: AnyView | undefined },
  { entity }: Place,
): void {
  problems.add('DEFINITION_REFERENCE_UNRESOLVED', {
    seen: `key '${key}' is held by feature ${inspect(feature)}`,
    why:
      view === undefined
        ? `No view of ${entity.name} has this feature.`
        : `It is computed on demand by view '${view.name}'; a reference needs a stored one.`,
    mend: 'Name a feature of a batch view of this entity.',
  })
}

function checkSameDtype(
  problems: Problems,
  { key, holder, kind }: { key: string; holder: string; kind: string },
  { target }: Place,
): void {
  const wanted = (target.keys as KeyColumns)[key]!.dtype.kind
  if (kind === wanted) return
  problems.add('DEFINITION_INVALID', {
    seen: `key '${key}' is held by ${holder}, which is ${kind}`,
    why: `Key '${key}' of ${target.name} is ${wanted}.`,
    mend: 'Give both the same dtype.',
  })
}

function known(names: Iterable<string>): string {
  const list = [...names]
  return list.length === 0 ? '' : `; they hold ${list.join(', ')}`
}
