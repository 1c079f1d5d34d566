import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { REPOSITORY } from '../support/source-imports.ts'

const DOCUMENTS = globSync(['*.md', '{docs,schema,src}/**/*.md'], { cwd: REPOSITORY }).sort()

function read(file: string): string {
  return readFileSync(resolve(REPOSITORY, file), 'utf8')
}

/** Where a document's links lead and which files of the repository it names, relative to the repository. */
function filesNamedIn(document: string): readonly string[] {
  const text = read(document)
  const links = [...text.matchAll(/\]\(([^)#\s:]+)(?:#[^)]*)?\)/g)].map((match) => join(dirname(document), match[1]!))
  const paths = [...text.matchAll(/`((?:src|test|docs|deploy)\/[\w./-]+)`/g)].map((match) => match[1]!)
  return [...links, ...paths]
}

test.each(DOCUMENTS)('%s names files that are there', (document) => {
  const missing = filesNamedIn(document).filter((file) => !existsSync(resolve(REPOSITORY, file)))
  expect(missing).toEqual([])
})

test('every rule of SPEC.md names the test that enforces it', () => {
  const rules = read('SPEC.md')
    .split('\n\n')
    .filter((paragraph) => paragraph.startsWith('**'))
  expect(rules.length).toBeGreaterThan(15)
  expect(rules.filter((rule) => !/→ `test\//.test(rule))).toEqual([])
})
