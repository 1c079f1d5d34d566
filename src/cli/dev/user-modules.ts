import { statSync } from 'node:fs'
import { type ResolveFnOutput, type ResolveHookContext, registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * The user's files that a load has reached, by absolute path, each with its state at that moment: `stampOf` gives another
 * text once the file has changed. Files that were looked for and are not there are among them.
 */
export type LoadedFiles = Map<string, string>

/** Names the load that a module belongs to; its imports inherit it, so that one load sees one graph and no other one's. */
const VERSION = 'fieldstone-load'

/** Of this program, sources or build: what the user imports of it is never loaded twice. */
const OWN_FOLDER = new URL('../../', import.meta.url).href

const loads = new Map<string, LoadedFiles>()
let loadCount = 0
let isHooked = false

/**
 * Imports a file of the user afresh, together with all that it imports, save packages and Fieldstone itself. ES modules
 * (JavaScript and TypeScript) are loaded anew; CommonJS ones stay as they were first loaded.
 * @param path absolute
 * @param files is filled with what was reached, also where the import fails
 */
export async function loadUserModule(path: string, files: LoadedFiles = new Map()): Promise<Record<string, unknown>> {
  if (!isHooked) registerHooks({ resolve: resolveVersioned })
  isHooked = true
  const version = String(++loadCount)
  loads.set(version, files)
  files.set(path, stampOf(path))
  try {
    return await import(versioned(pathToFileURL(path).href, version))
  } catch (error) {
    throw withoutVersions(error)
  } finally {
    loads.delete(version)
  }
}

/** A text that is another one when the file has changed: its time, size and inode, or that it is missing. */
export function stampOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? 'missing' : `${stats.mtimeNs} ${stats.size} ${stats.ino}`
}

/** The place of an error as the user knows it: the file's own name. */
function withoutVersions(error: unknown): unknown {
  if (error instanceof Error) {
    const text = (dirty: string): string => dirty.replaceAll(new RegExp(`\\?${VERSION}=\\d+`, 'g'), '')
    error.message = text(error.message)
    error.stack = text(error.stack ?? '')
  }
  return error
}

type NextResolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput

function resolveVersioned(specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
  const version = versionOf(context.parentURL)
  if (version === undefined) return next(specifier, context)
  const resolved = resolveNoting(version, () => next(specifier, context))
  if (!isUsers(resolved.url) || resolved.format === 'commonjs') return resolved
  note(version, resolved.url)
  return { ...resolved, url: versioned(resolved.url, version) }
}

/** A file that is not there is waited for: making it mends the import. */
function resolveNoting(version: string, resolve: () => ResolveFnOutput): ResolveFnOutput {
  try {
    return resolve()
  } catch (error) {
    const url = error instanceof Error && 'url' in error ? String(error.url) : ''
    if (isUsers(url)) note(version, url)
    throw error
  }
}

function note(version: string, url: string): void {
  const path = fileURLToPath(url)
  const files = loads.get(version)
  // The first look counts: what was saved since must be seen as a change.
  if (files?.has(path) === false) files.set(path, stampOf(path))
}

function versionOf(url: string | undefined): string | undefined {
  if (url === undefined || !url.includes(VERSION)) return undefined
  return new URL(url).searchParams.get(VERSION) ?? undefined
}

function versioned(href: string, version: string): string {
  const url = new URL(href)
  url.searchParams.set(VERSION, version)
  return url.href
}

function isUsers(url: string): boolean {
  return url.startsWith('file:') && !url.includes('/node_modules/') && !url.startsWith(OWN_FOLDER)
}
