import { FieldstoneError } from '../errors.ts'

/** Why one cannot listen: PORT_IN_USE, ADDRESS_REFUSED, or the error as it is where it is none of the address or the port. */
export function listenError(error: unknown, port: number, host: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const seen = `${host} port ${port}`
  if (code === 'EADDRINUSE') return new FieldstoneError('PORT_IN_USE', { seen, cause: error })
  const isRefused = code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
  return isRefused ? new FieldstoneError('ADDRESS_REFUSED', { seen: `${seen} (${code})`, cause: error }) : error
}
