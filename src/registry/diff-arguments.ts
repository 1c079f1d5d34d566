import { diffWords } from './diff-words.ts'
import { breaking, type RegistryChange, removal, safe } from './registry-change.ts'
import type { ArgumentSnapshot } from './snapshot.ts'

/** Changes of arguments: one that may be left out may be added; all else breaks callers. */
export function diffArguments(
  subject: string,
  before: readonly ArgumentSnapshot[],
  after: readonly ArgumentSnapshot[],
): readonly RegistryChange[] {
  const names = [...new Set([...after, ...before].map(({ name }) => name))]
  return names.flatMap((name) => {
    const [old, now] = [before, after].map((args) => args.find((argument) => argument.name === name))
    return old === undefined || now === undefined || old.type !== now.type
      ? [retyped(subject, old, now)]
      : [...renamed(subject, old, now), ...diffWords(`argument ${name} of ${subject}`, old, now)]
  })
}

function retyped(
  subject: string,
  before: ArgumentSnapshot | undefined,
  after: ArgumentSnapshot | undefined,
): RegistryChange {
  const name = (after ?? before)!.name
  const description = `argument ${name}: ${before?.type ?? 'none'} -> ${after?.type ?? 'none'}`
  const text = { kind: 'argumentsChanged', subject, description } as const
  return before === undefined && after?.required === false
    ? safe({ ...text, reason: 'It may be left out, so callers go on as they are.' })
    : breaking({ ...text, reason: 'Callers send what it was before.' })
}

function renamed(subject: string, before: ArgumentSnapshot, after: ArgumentSnapshot): readonly RegistryChange[] {
  const [old, now] = [before, after].map(({ typeNames }) => typeNames.join(', '))
  if (old === now) return []
  const description = `argument ${after.name}: type ${old} -> ${now}`
  const reason = 'Queries that declare variables of the old type fail.'
  return [removal({ kind: 'argumentTypeRenamed', subject, description, reason }, false)]
}
