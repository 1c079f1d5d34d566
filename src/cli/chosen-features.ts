import { FieldstoneError } from '../errors.ts'
import { inspect } from '../lib/inspect.ts'
import type { RegistryArgument, RegistryEntity, RegistryFeature } from '../registry/registry.ts'
import { findNamed } from './known-names.ts'

/** Arguments of on-demand features by name, as JSON values. */
export type Arguments = Readonly<Record<string, unknown>>

/** Arguments as they are typed: a JSON object. Throws ARGUMENTS_INVALID. */
export function parseArguments(text: string | undefined): Arguments {
  if (text === undefined) return {}
  const value = parsedJson(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Arguments
  throw new FieldstoneError('ARGUMENTS_INVALID', {
    seen: `--args ${inspect(text)}`,
    why: 'Arguments are one JSON object.',
    mend: `Write them like '{"latitude": 40.6}'.`,
  })
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * The features asked for; without names all whose arguments are given. Throws NAME_UNKNOWN, and ARGUMENTS_INVALID where an
 * argument is missing or unknown.
 */
export function chooseFeatures(
  entity: RegistryEntity,
  names: readonly string[] | undefined,
  args: Arguments,
): readonly RegistryFeature[] {
  const features =
    names === undefined
      ? entity.features.filter((feature) => missingArguments(feature, args).length === 0)
      : findNamed(`feature of ${entity.name}`, [...new Set(names)], entity.features)
  for (const feature of features) assertGiven(feature, missingArguments(feature, args))
  assertKnown(features, args)
  return features
}

function argumentsOf(feature: RegistryFeature): readonly RegistryArgument[] {
  return feature.kind === 'onDemand' ? feature.view.fieldArgs : []
}

function missingArguments(feature: RegistryFeature, args: Arguments): readonly string[] {
  return argumentsOf(feature).flatMap((arg) => (arg.required && !(arg.name in args) ? [arg.name] : []))
}

function assertGiven(feature: RegistryFeature, missing: readonly string[]): void {
  if (missing.length === 0) return
  throw new FieldstoneError('ARGUMENTS_INVALID', {
    seen: `${feature.entity.name}.${feature.name} without ${missing.join(', ')}`,
    why: 'The on-demand feature needs it.',
    mend: `Give --args '{${missing.map((name) => `"${name}": …`).join(', ')}}'.`,
  })
}

function assertKnown(features: readonly RegistryFeature[], args: Arguments): void {
  const known = [...new Set(features.flatMap(argumentsOf).map((arg) => arg.name))]
  const unknown = Object.keys(args).filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  throw new FieldstoneError('ARGUMENTS_INVALID', {
    seen: `--args names ${unknown.join(', ')}`,
    why: `The features asked for take ${known.join(', ') || 'no arguments'}.`,
  })
}
