import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { DocumentNode } from 'graphql'
import { FieldstoneError } from '../errors.ts'
import type { Terminal } from './terminal.ts'
import { contextOf, examples } from './verb.ts'

/** `fieldstone explain` */
export function addExplain(program: Command, terminal: Terminal): void {
  program
    .command('explain')
    .summary('print the plan of a GraphQL operation')
    .description('Prints how an operation is answered: its stages, scans, views and reads. Reads no features.')
    .argument('<operation>', 'a file with a GraphQL document, or its text')
    .option('--operation-name <name>', 'which, where the document holds several')
    .addHelpText(
      'after',
      examples('explain operations/airport.graphql', `explain '{ airport(iata: "SEA") { departures7d } }'`),
    )
    .action(async (operation: string, options: { readonly operationName?: string }, command: Command) => {
      const { loadDeployment } = await import('./load-config.ts')
      const { withOnline } = await import('./open-stores.ts')
      const { servedBy } = await import('./run-gateway.ts')
      const deployment = await loadDeployment(contextOf(command, terminal).config)
      const text = existsSync(operation) ? await readFile(operation, 'utf8') : operation
      await withOnline(deployment, async (online) => {
        const { schema, serving } = servedBy(deployment, online, false)
        terminal.print(serving.explain(await validDocument(schema.schema, text), options.operationName))
      })
    })
}

/** Throws REQUEST_INVALID, with every error of GraphQL's own validation. */
async function validDocument(
  schema: Parameters<typeof import('graphql').validate>[0],
  text: string,
): Promise<DocumentNode> {
  const { GraphQLError, parse, validate } = await import('graphql')
  try {
    const document = parse(text)
    const errors = validate(schema, document)
    if (errors.length === 0) return document
    throw invalid(errors.map((error) => error.toString()).join('\n'))
  } catch (error) {
    throw error instanceof GraphQLError ? invalid(error.toString()) : error
  }
}

function invalid(seen: string): FieldstoneError {
  return new FieldstoneError('REQUEST_INVALID', {
    seen,
    why: 'The operation does not fit the schema.',
    mend: "'fieldstone generate' prints the schema; a file is named by its path.",
  })
}
