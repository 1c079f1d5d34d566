import { readFile } from 'node:fs/promises'
import type { Terminal } from '../../src/cli/terminal.ts'

/** An operation of operations/, with variables to run it by. */
interface Example {
  readonly title: string
  readonly file: string
  readonly variables: Readonly<Record<string, unknown>>
}

const EXAMPLES: readonly Example[] = [
  {
    title: 'An airport: stored features, computed ones, and how fresh they are',
    file: 'airport.graphql',
    variables: { iata: 'SEA', latitude: 40.6398, longitude: -73.7789 },
  },
  {
    title: 'Routes, each with the airports at both of its ends',
    file: 'routes.graphql',
    variables: {
      keys: [
        { origin: 'SEA', destination: 'JFK' },
        { origin: 'ORD', destination: 'LGA' },
      ],
    },
  },
  {
    title: 'What a model reads, in columns',
    file: 'delay-model.graphql',
    variables: {
      rows: [
        { route: { origin: 'SEA', destination: 'JFK' }, origin: { iata: 'SEA' }, destination: { iata: 'JFK' } },
        { route: { origin: 'ORD', destination: 'LGA' }, origin: { iata: 'ORD' }, destination: { iata: 'LGA' } },
      ],
    },
  },
]

/** Asks a running gateway every example over HTTP and prints question and answer. */
export async function printExamples(url: string, terminal: Terminal): Promise<void> {
  for (const example of EXAMPLES) {
    const query = await readFile(new URL(`operations/${example.file}`, import.meta.url), 'utf8')
    terminal.print(`\n── ${example.title}\n\n${query.trim()}`)
    terminal.print(`\nvariables ${JSON.stringify(example.variables)}`)
    terminal.print(`answer    ${await ask(url, query, example.variables)}`)
  }
  terminal.print(`
Serving the flights at ${url}
  ${url}                         GraphiQL: write your own queries
  schema/flights/features.ts     the definitions that all of this is derived from
  schema/flights/schema.graphql  the schema that they give
  README.md                      the five concepts, and where to go next
Ctrl-C stops it; the next start takes up what is there.`)
}

async function ask(url: string, query: string, variables: Example['variables']): Promise<string> {
  const response = await fetch(new URL('/graphql', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  return JSON.stringify(await response.json(), undefined, 2)
}
