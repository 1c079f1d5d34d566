import type { StoreName } from './stores.ts'

/** Who is measured. `pass-through` and `fastify-json` speak no GraphQL: they take keys and answer whole rows. */
export const SUBJECTS = [
  'fieldstone',
  'apollo-dataloader',
  'apollo-dataloader-packed',
  'apollo-naive',
  'graphql-jit',
  'fastify-json',
  'pass-through',
] as const

export type Subject = (typeof SUBJECTS)[number]

/** How a subject is asked: by GraphQL, or by a list of keys. */
export type Wire = 'graphql' | 'rows'

export function wireOf(subject: Subject): Wire {
  return subject === 'fastify-json' || subject === 'pass-through' ? 'rows' : 'graphql'
}

/** What is asked in one benchmark. */
export interface BenchCase {
  /** Entities x features, and what is special. */
  readonly name: string
  readonly keyCount: number
  /** The first so many views are asked for, with all of their features. */
  readonly viewCount: number
  readonly answer: 'entity' | 'entities' | 'columns'
  /** Whether operations have one text, twenty in turn, or a new one each request. */
  readonly texts: 'one' | 'twenty' | 'new'
  readonly gzip: boolean
  readonly subjects: readonly Subject[]
}

const GRAPHQL: readonly Subject[] = SUBJECTS.filter((subject) => wireOf(subject) === 'graphql')
/** Nothing else answers in columns; `pass-through` copies the same cells, which is the limit here too. */
const COLUMNS: readonly Subject[] = [
  'fieldstone',
  'apollo-dataloader',
  'apollo-dataloader-packed',
  'graphql-jit',
  'pass-through',
]

const PLAIN = { answer: 'entities', texts: 'one', gzip: false, subjects: SUBJECTS } as const

export const CASES: readonly BenchCase[] = [
  { ...PLAIN, name: '1x10', keyCount: 1, viewCount: 1, answer: 'entity' },
  { ...PLAIN, name: '1x50', keyCount: 1, viewCount: 5, answer: 'entity' },
  { ...PLAIN, name: '100x20', keyCount: 100, viewCount: 2 },
  { ...PLAIN, name: '100x50', keyCount: 100, viewCount: 5 },
  { ...PLAIN, name: '1000x50', keyCount: 1000, viewCount: 5 },
  { ...PLAIN, name: '100x50-columns', keyCount: 100, viewCount: 5, answer: 'columns', subjects: COLUMNS },
  { ...PLAIN, name: '1x10-adhoc', keyCount: 1, viewCount: 1, answer: 'entity', texts: 'new', subjects: GRAPHQL },
  { ...PLAIN, name: '1x10-20ops', keyCount: 1, viewCount: 1, answer: 'entity', texts: 'twenty', subjects: GRAPHQL },
  { ...PLAIN, name: '100x50-gzip', keyCount: 100, viewCount: 5, gzip: true },
]

/** Whether a subject is measured: in LMDB there is only the packed form, which `apollo-dataloader` reads there. */
export function takesPart(subject: Subject, benchCase: BenchCase, store: StoreName): boolean {
  return benchCase.subjects.includes(subject) && (store !== 'lmdb' || subject !== 'apollo-dataloader-packed')
}

/** A case by its name. Throws a RangeError for another, which `CASES` rules out. */
export function caseNamed(name: string): BenchCase {
  const found = CASES.find((candidate) => candidate.name === name)
  if (found === undefined) throw new RangeError(`no case is named ${JSON.stringify(name)}`)
  return found
}
