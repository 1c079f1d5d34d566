export type ChangeKind =
  | 'deploymentRenamed'
  | 'prefixChanged'
  | 'definitionsReordered'
  | 'entityAdded'
  | 'entityRemoved'
  | 'rootFieldRenamed'
  | 'keysChanged'
  | 'referenceAdded'
  | 'referenceRemoved'
  | 'referenceChanged'
  | 'viewAdded'
  | 'viewRemoved'
  | 'versionRaised'
  | 'versionLowered'
  | 'sourceChanged'
  | 'ttlChanged'
  | 'retentionChanged'
  | 'scheduleChanged'
  | 'maxStalenessChanged'
  | 'staleIfErrorChanged'
  | 'featureAdded'
  | 'featureRemoved'
  | 'featuresReordered'
  | 'dtypeChanged'
  | 'nonFiniteChanged'
  | 'columnChanged'
  | 'nullabilityChanged'
  | 'defaultChanged'
  | 'deprecationChanged'
  | 'scopesChanged'
  | 'descriptionChanged'
  | 'ownerChanged'
  | 'tagsChanged'
  | 'codeChanged'
  | 'inputsChanged'
  | 'argumentsChanged'
  | 'argumentTypeRenamed'
  | 'whenMissingChanged'
  | 'serviceAdded'
  | 'serviceRemoved'
  | 'rolesChanged'

/** One difference between two registries. */
export interface RegistryChange {
  readonly kind: ChangeKind
  /** `entity Airport`, `view airportDaily`, `feature Airport.departures7d`, `service delayModelV1`, `deployment`. */
  readonly subject: string
  /** What changed, e.g. `dtype int32 -> int64`. */
  readonly description: string
  /** `breaking`: stored rows, trained models or clients that hold today may not hold after it (SPEC S2). */
  readonly safety: 'safe' | 'breaking'
  /** Whether stored values are given up by it. */
  readonly destructive: boolean
  /** What a breaking change takes: a new version of its view or service, or, where none helps, leave to do it. */
  readonly remedy: 'none' | 'newVersion' | 'permission'
  /** Why it is safe or breaking, as a sentence. */
  readonly reason: string
}

/** What is the same for safe and breaking changes alike. */
export interface ChangeText {
  readonly kind: ChangeKind
  readonly subject: string
  readonly description: string
  readonly reason: string
}

export function safe({ kind, subject, description, reason }: ChangeText): RegistryChange {
  return { kind, subject, description, safety: 'safe', destructive: false, remedy: 'none', reason }
}

/** A change that a new version makes safe. */
export function breaking({ kind, subject, description, reason }: ChangeText): RegistryChange {
  return { kind, subject, description, safety: 'breaking', destructive: false, remedy: 'newVersion', reason }
}

/** A change that no version makes safe: something goes away. */
export function removal({ kind, subject, description, reason }: ChangeText, destructive: boolean): RegistryChange {
  return { kind, subject, description, safety: 'breaking', destructive, remedy: 'permission', reason }
}
