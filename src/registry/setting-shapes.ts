import { z } from 'zod'

/* Messages are the mends: what to write at that path. */

/** A text that holds more than white space, or is empty; or one that `pattern` takes. */
export function text(mend: string, pattern = /\S|^$/) {
  return z.string({ error: mend }).regex(pattern, { error: mend })
}

/** A whole number, both ends inclusive. */
export function wholeNumber(least: number, most: number) {
  const mend = `Write a whole number from ${least} to ${most}.`
  return z.int({ error: mend }).min(least, { error: mend }).max(most, { error: mend })
}

/** True or false. */
export function flag() {
  return z.boolean({ error: 'Write true or false.' })
}

/** An object of these fields and no others, or none. */
export function section<Fields extends z.ZodRawShape>(fields: Fields) {
  return z.strictObject(fields, { error: mendOfObject }).optional()
}

/** What to write where an object is wanted. */
export function mendOfObject(issue: { readonly code?: string | undefined }): string {
  return issue.code === 'unrecognized_keys' ? 'Take it out, or mend its name.' : 'Write an object { … }.'
}
