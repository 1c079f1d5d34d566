import type { RegistryChange } from '../registry/diff.ts'
import type { Plan } from './planned-changes.ts'

const LABEL_WIDTH = 11

/** What `fieldstone plan` prints of a plan, and `apply` of what it did. */
export function planLines(plan: Plan, { isDropping }: { readonly isDropping: boolean }): readonly string[] {
  const lines = [
    ...plan.changes.flatMap(changeLines),
    ...plan.storage.map(({ description, destructive }) => line(destructive ? 'destructive' : 'store', description)),
    ...plan.left.map(({ view }) => leftLine(view, isDropping)),
  ]
  return lines.length === 0 ? ['nothing to change'] : lines
}

function changeLines({ subject, description, reason, safety, destructive }: RegistryChange): readonly string[] {
  const first = line(destructive ? 'destructive' : safety, `${subject}: ${description}`)
  return safety === 'safe' ? [first] : [first, line('', reason)]
}

function leftLine(view: string, isDropping: boolean): string {
  return isDropping
    ? line('destructive', `rows of ${view}, which is defined no more: deleted`)
    : line('kept', `rows of ${view}, which is defined no more, until 'apply --allow-destructive'`)
}

function line(label: string, text: string): string {
  return `${label.padEnd(LABEL_WIDTH)}  ${text}`
}
