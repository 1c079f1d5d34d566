import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { FieldstoneError } from '../errors.ts'
import type { Deployment } from './load-config.ts'
import type { Terminal } from './terminal.ts'
import { contextOf, examples } from './verb.ts'

/** `fieldstone generate` */
export function addGenerate(program: Command, terminal: Terminal): void {
  program
    .command('generate')
    .summary('print the GraphQL schema of the definitions to schema.graphql')
    .description(
      'Prints the GraphQL schema that the definitions give to the file that the config names (graphql.schemaFile). Touches no store.',
    )
    .option('--check', 'write nothing; exit with 3 where the file is not what it would write')
    .addHelpText('after', examples('generate', 'generate --check'))
    .action(async (options: { readonly check?: true }, command: Command) => {
      const { loadDeployment } = await import('./load-config.ts')
      const deployment = await loadDeployment(contextOf(command, terminal).config)
      const { file, changed } = options.check ? await checkSchema(deployment) : await writeSchema(deployment)
      terminal.note(changed ? `wrote ${file}` : `${file} is up to date`)
    })
}

interface SchemaFile {
  readonly file: string
  readonly changed: boolean
}

/** Writes the schema's file where it differs. */
async function writeSchema(deployment: Deployment): Promise<SchemaFile> {
  const { file, sdl, printed } = await compareSchema(deployment)
  if (printed !== sdl) await writeFile(file, sdl)
  return { file, changed: printed !== sdl }
}

/** Throws SCHEMA_OUTDATED where the file is not what the definitions give. */
export async function checkSchema(deployment: Deployment): Promise<SchemaFile> {
  const { file, sdl, printed } = await compareSchema(deployment)
  if (printed === sdl) return { file, changed: false }
  const seen = printed === undefined ? `${file} is not there` : `${file}, line ${firstDifference(printed, sdl)}`
  throw new FieldstoneError('SCHEMA_OUTDATED', { seen })
}

async function compareSchema(deployment: Deployment) {
  const { buildSchema } = await import('../sdl/schema.ts')
  const file = resolve(deployment.directory, deployment.config.graphql.schemaFile)
  const printed = await readFile(file, 'utf8').catch(() => undefined)
  return { file, printed, sdl: buildSchema(deployment.registry).sdl }
}

/** The number of the first line in which the two differ. */
function firstDifference(printed: string, sdl: string): number {
  const [had, wanted] = [printed.split('\n'), sdl.split('\n')]
  let index = 0
  while (had[index] === wanted[index]) index += 1
  return index + 1
}
