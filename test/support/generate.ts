import { existsSync, globSync, readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { generate as generateTypes } from '@graphql-codegen/cli'
import codegen from '../../codegen.ts'
import { EXIT_CODES } from '../../src/cli/exit-codes.ts'
import { loadDeployment } from '../../src/cli/load-config.ts'
import { buildSchema } from '../../src/sdl/schema.ts'
import { cliDocs } from './cli-docs.ts'
import { errorPages } from './error-pages.ts'
import { REPOSITORY } from './source-imports.ts'

/**
 * Writes every file of the repository that is derived from something else. `--check` writes nothing, and exits with 3 where
 * a file is not what it would write.
 */

/** Texts by their names, relative to the repository. */
type GeneratedFiles = ReadonlyMap<string, string>

async function printedSchemas(): Promise<GeneratedFiles> {
  const configs = globSync('schema/*/fieldstone.config.ts', { cwd: REPOSITORY })
  const schemas = configs.map(async (name) => {
    const { config, directory, registry } = await loadDeployment(resolve(REPOSITORY, name))
    const file = relative(REPOSITORY, resolve(directory, config.graphql.schemaFile))
    return [file, buildSchema(registry).sdl] as const
  })
  return new Map(await Promise.all(schemas))
}

/** Types of the sample's operations; made from schema.graphql as it stands in the repository, so after it is written. */
async function operationTypes(): Promise<GeneratedFiles> {
  const files: { readonly filename: string; readonly content: string }[] = await generateTypes(
    { ...codegen, cwd: REPOSITORY, silent: true, noSilentErrors: true },
    false,
  )
  return new Map(files.map(({ filename, content }) => [relative(REPOSITORY, resolve(REPOSITORY, filename)), content]))
}

/** Names of files in a generated folder that are generated no more. */
function leftOver(folder: string, files: GeneratedFiles): readonly string[] {
  return globSync(`${folder}/*`, { cwd: REPOSITORY }).filter((name) => !files.has(name))
}

function textOf(name: string): string | undefined {
  const file = resolve(REPOSITORY, name)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/** Writes what differs, unless it only checks; gives the names of what differed. */
async function settle(files: GeneratedFiles, isCheck: boolean): Promise<readonly string[]> {
  const differing = [...files].filter(([name, text]) => textOf(name) !== text)
  for (const [name, text] of isCheck ? [] : differing) {
    const file = resolve(REPOSITORY, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  return differing.map(([name]) => name)
}

async function removeLeftOver(names: readonly string[], isCheck: boolean): Promise<readonly string[]> {
  for (const name of isCheck ? [] : names) await rm(resolve(REPOSITORY, name))
  return names.map((name) => `${name} (left over)`)
}

const isCheck = process.argv.includes('--check')
const pages = errorPages()
const changed = [
  ...(await settle(await printedSchemas(), isCheck)),
  ...(await settle(await operationTypes(), isCheck)),
  ...(await settle(pages, isCheck)),
  ...(await removeLeftOver(leftOver('docs/errors', pages), isCheck)),
  ...(await settle(new Map([['docs/cli.md', cliDocs()]]), isCheck)),
]
for (const name of changed) process.stdout.write(`${isCheck ? 'not up to date' : 'wrote'}  ${name}\n`)
if (changed.length === 0) process.stdout.write('all generated files are up to date\n')
if (isCheck && changed.length > 0) process.exitCode = EXIT_CODES.difference.code
