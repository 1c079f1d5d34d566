import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A certificate that signs itself, for 127.0.0.1. */
export interface Certificate {
  /** PEM. */
  readonly certificate: string
  readonly certificateFile: string
  readonly keyFile: string
}

/** Made by openssl in a folder. */
export async function makeCertificate(folder: string): Promise<Certificate> {
  const [certificateFile, keyFile] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')]
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', certificateFile],
  ])
  return { certificate: await readFile(certificateFile, 'utf8'), certificateFile, keyFile }
}
