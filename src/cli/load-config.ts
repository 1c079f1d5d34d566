import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { FieldstoneError, FieldstoneErrors } from '../errors.ts'
import { inspect } from '../lib/inspect.ts'
import { closeRegistry } from '../registry/close.ts'
import { type DeploymentConfig, parseConfig } from '../registry/config.ts'
import type { Registry } from '../registry/registry.ts'

const CONFIG_FILE = 'fieldstone.config.ts'

/** A config that was found, loaded and checked, with its definitions closed. */
export interface Deployment {
  /** Absolute. */
  readonly configFile: string
  /** The config's folder: relative paths of stores, sources and reports are relative to it. */
  readonly directory: string
  readonly config: DeploymentConfig
  readonly registry: Registry
}

/** The config's absolute path. Throws CONFIG_NOT_FOUND. */
export function findConfig(named: string | undefined, workingDirectory = process.cwd()): string {
  const file = resolve(workingDirectory, named ?? CONFIG_FILE)
  if (existsSync(file)) return file
  throw new FieldstoneError('CONFIG_NOT_FOUND', {
    seen: named === undefined ? `no ${CONFIG_FILE} in ${workingDirectory}` : `no file ${file}`,
  })
}

/** Finds, imports and checks a config and its definitions. Throws CONFIG_NOT_FOUND, CONFIG_INVALID and every S1 error. */
export async function loadDeployment(named: string | undefined): Promise<Deployment> {
  const configFile = findConfig(named)
  return deploymentOf(configFile, await importConfig(configFile))
}

/** Checks what a config file exports. Throws CONFIG_INVALID and every S1 error. */
export function deploymentOf(configFile: string, exported: unknown): Deployment {
  const config = parseConfig(exported)
  const { name, definitions, graphql } = config
  return {
    configFile,
    directory: dirname(configFile),
    config,
    registry: closeRegistry({ name, definitions, prefix: graphql.prefix }),
  }
}

/**
 * The default export of a config file. Throws CONFIG_INVALID.
 * @param load imports the file; default: `import()`
 */
export async function importConfig(configFile: string, load: ModuleLoader = importFile): Promise<unknown> {
  const module = await importModule(configFile, load)
  if ('default' in module) return module.default
  throw new FieldstoneError('CONFIG_INVALID', {
    seen: `${configFile} exports ${inspect(Object.keys(module))}`,
    why: 'The config is the default export of its file.',
    mend: 'Write export default defineConfig({ … }).',
  })
}

type ModuleLoader = (file: string) => Promise<Record<string, unknown>>

function importFile(file: string): Promise<Record<string, unknown>> {
  return import(pathToFileURL(file).href)
}

async function importModule(configFile: string, load: ModuleLoader): Promise<Record<string, unknown>> {
  try {
    return await load(configFile)
  } catch (error) {
    if (error instanceof FieldstoneError || error instanceof FieldstoneErrors) throw error
    if (isUnknownExtension(error)) {
      throw new FieldstoneError('NODE_UNSUPPORTED', { seen: `Node ${process.version} at ${configFile}`, cause: error })
    }
    throw new FieldstoneError('CONFIG_INVALID', {
      seen: `${configFile} could not be loaded: ${messageOf(error)}`,
      why: 'The file, or one that it imports, threw an error.',
      mend: 'Mend what the message says; --verbose shows where it was thrown.',
      cause: error,
    })
  }
}

/** What a Node says that cannot run TypeScript. */
function isUnknownExtension(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION'
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return inspect(error)
  // Node puts the place of a syntax error before the stack, not into the message.
  const place = error instanceof SyntaxError ? /^(file:\S+:\d+)$/m.exec(error.stack ?? '')?.[1] : undefined
  return place === undefined ? error.message : `${error.message} at ${place}`
}
