/** The members of the enum of statuses, with what each means. */
export const FEATURE_STATUS_DESCRIPTIONS = {
  PRESENT: 'A value in age.',
  NULL_VALUE: 'A row in age whose value is null.',
  NOT_FOUND: 'No row, a deleted one, or one older than ttl and retention.',
  OUTSIDE_MAX_AGE: 'A row older than its ttl; the value is withheld.',
  INCOMPLETE: 'A window that reaches back to before its events are complete; the value is withheld.',
} as const
