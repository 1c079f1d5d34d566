import { isAscii } from 'node:buffer'
import { FieldstoneError } from '../errors.ts'
import { fromUtf8 } from '../lib/bytes.ts'

/** What nearly every client sends, which says nothing of a charset. */
export const JSON_TYPE = 'application/json'

/** The value of a JSON body. Throws MEDIA_TYPE_UNSUPPORTED for another charset than UTF-8, and REQUEST_INVALID. */
export function parseJsonBody(contentType: string | undefined, body: Buffer): unknown {
  const charset = contentType === JSON_TYPE ? undefined : charsetOf(contentType)
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new FieldstoneError('MEDIA_TYPE_UNSUPPORTED', { seen: `a body in ${charset}` })
  }
  try {
    // Nearly every body is ASCII, whose text is its bytes.
    return JSON.parse(isAscii(body) ? body.toString('latin1') : fromUtf8(body))
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : 'it is not UTF-8'
    throw new FieldstoneError('REQUEST_INVALID', { seen: `the body is not JSON (${reason})`, cause: error })
  }
}

function charsetOf(contentType = ''): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1]
}
