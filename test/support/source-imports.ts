import { globSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { parseSync } from 'oxc-parser'

export const REPOSITORY = resolve(import.meta.dirname, '../..')

/** One import (or re-export, or `import()`) of a source file. */
export interface SourceImport {
  /** Of the importing file, relative to the repository, with `/`. */
  readonly from: string
  /** The imported file relative to the repository, or the package's name (`node:fs`, `@apollo/server`). */
  readonly to: string
  readonly isPackage: boolean
  /** True where nothing of it is left at run time. */
  readonly typeOnly: boolean
  /** True for `import()`. */
  readonly lazy: boolean
}

/** Every TypeScript file below a folder of the repository. */
export function sourceFiles(folder: string): readonly string[] {
  return globSync(`${folder}/**/*.ts`, { cwd: REPOSITORY })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !file.includes('node_modules'))
    .sort()
}

/** Every import of a file, read from its syntax tree. */
export function importsOf(file: string): readonly SourceImport[] {
  const text = readFileSync(resolve(REPOSITORY, file), 'utf8')
  const { module } = parseSync(file, text)
  const from = { from: file }
  const statics = module.staticImports.map((item) => ({
    ...from,
    ...target(file, item.moduleRequest.value),
    typeOnly: item.entries.length > 0 && item.entries.every((entry) => entry.isType),
    lazy: false,
  }))
  const exports = module.staticExports.flatMap((item) =>
    item.entries
      .filter((entry) => entry.moduleRequest !== null)
      .map((entry) => ({ ...from, ...target(file, entry.moduleRequest!.value), typeOnly: entry.isType, lazy: false })),
  )
  const dynamics = module.dynamicImports.flatMap((item) => {
    const literal = /^['"]([^'"]+)['"]$/.exec(text.slice(item.moduleRequest.start, item.moduleRequest.end))
    return literal === null ? [] : [{ ...from, ...target(file, literal[1]!), typeOnly: false, lazy: true }]
  })
  return [...statics, ...exports, ...dynamics]
}

/** Whether a file has a default export or an `export *`. */
export function exportsOf(file: string): { readonly hasDefault: boolean; readonly hasStar: boolean } {
  const { module } = parseSync(file, readFileSync(resolve(REPOSITORY, file), 'utf8'))
  const entries = module.staticExports.flatMap((item) => item.entries)
  return {
    hasDefault: entries.some((entry) => entry.exportName.kind === 'Default'),
    hasStar: entries.some((entry) => entry.importName.kind === 'All' || entry.importName.kind === 'AllButDefault'),
  }
}

function target(file: string, request: string): { readonly to: string; readonly isPackage: boolean } {
  if (!request.startsWith('.')) return { to: packageName(request), isPackage: true }
  return {
    to: relative(REPOSITORY, resolve(REPOSITORY, dirname(file), request)).replaceAll('\\', '/'),
    isPackage: false,
  }
}

function packageName(request: string): string {
  if (request.startsWith('node:')) return request
  return request
    .split('/')
    .slice(0, request.startsWith('@') ? 2 : 1)
    .join('/')
}
