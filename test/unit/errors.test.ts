import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { catalogue } from '../../src/error-catalogue.ts'
import { FieldstoneError, FieldstoneErrors } from '../../src/errors.ts'
import { ERROR_PAGES, errorPages } from '../support/error-pages.ts'
import { REPOSITORY, sourceFiles } from '../support/source-imports.ts'

const codes = Object.keys(catalogue)

function read(path: string): string {
  return readFileSync(resolve(REPOSITORY, path), 'utf8')
}

describe('the pages of docs/errors', () => {
  const pages = errorPages()

  test('there is one for each code, and no other', () => {
    const present = readdirSync(resolve(REPOSITORY, ERROR_PAGES)).map((file) => `${ERROR_PAGES}/${file}`)
    expect(present.toSorted()).toEqual([...pages.keys()].toSorted())
  })

  test('each is what the catalogue gives', () => {
    const outdated = [...pages].filter(([path, text]) => read(path) !== text).map(([path]) => path)
    expect(outdated, "run 'npm run generate'").toEqual([])
  })
})

describe('the catalogue', () => {
  const sources = sourceFiles('src').filter((file) => file !== 'src/error-catalogue.ts')
  const text = sources.map(read).join('\n')

  test('every code is used', () => {
    expect(codes.filter((code) => !text.includes(`'${code}'`))).toEqual([])
  })

  test('every code that is thrown is in it', () => {
    const thrown = [...text.matchAll(/new FieldstoneError\(\s*'([A-Z_]+)'/g)].map((match) => match[1]!)
    expect(thrown.filter((code) => !codes.includes(code))).toEqual([])
  })

  test('its sentences are sentences, and its titles are not', () => {
    for (const { title, why, mend } of Object.values(catalogue)) {
      expect(title).not.toMatch(/\.$/)
      expect(why).toMatch(/\.$/)
      expect(mend).toMatch(/\.$/)
    }
  })
})

describe('FieldstoneError', () => {
  test('tells what was seen, why, and what to do, from the catalogue where nothing closer is known', () => {
    const error = new FieldstoneError('PORT_IN_USE', { seen: '127.0.0.1 port 4000' })
    expect(error.message).toBe(
      '127.0.0.1 port 4000: Another program listens there. Stop it, or choose another port with --port or PORT.',
    )
    expect(error.retryable).toBe(false)
  })

  test('several are told at once', () => {
    const one = new FieldstoneError('KEY_INVALID', { seen: 'a' })
    const two = new FieldstoneError('VALUE_INVALID', { seen: 'b', why: 'W.', mend: 'M.' })
    expect(new FieldstoneErrors([one, two]).message).toBe(`KEY_INVALID  ${one.message}\nVALUE_INVALID  b: W. M.`)
  })
})
