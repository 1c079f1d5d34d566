import { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Mutant } from '../property/mutants.ts'
import type { PropertyOptions } from './property-run.ts'
import { REPOSITORY } from './source-imports.ts'

/**
 * Run as a process with a mutant and the property's options as JSON: serving is loaded with the fault in it, and random operations are
 * thrown at it until one is answered otherwise. Prints `caught` or `survived`; `lost` where the mutant's text does not stand once.
 */
const [mutant, options] = process.argv.slice(2).map((text) => JSON.parse(text)) as [Mutant, PropertyOptions]
const target = pathToFileURL(resolve(REPOSITORY, 'src/serving', mutant.file)).href
let places = 0

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    if (url !== target) return loaded
    const parts = String(loaded.source).split(mutant.find)
    places = parts.length - 1
    return { ...loaded, source: parts.join(mutant.replace) }
  },
})

const { runProperty } = await import('./property-run.ts')
// Whatever else goes wrong is no verdict: it ends the process.
const { mismatch } = await runProperty(options)
process.stdout.write(places !== 1 ? 'lost' : mismatch === undefined ? 'survived' : 'caught')
