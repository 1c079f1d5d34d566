import { expect } from 'vitest'
import { post } from './door-case.ts'
import type { TestGateway } from './http-gateway.ts'
import { type RawAnswer, sendRaw } from './raw-http.ts'
import type { Door } from './watched-doors.ts'

/** The body of an answer, as far as tests look into it. */
export interface AnswerBody {
  readonly data?: any
  readonly errors?: readonly {
    readonly message: string
    readonly path?: readonly (string | number)[]
    readonly extensions: Readonly<Record<string, unknown>>
  }[]
  readonly extensions?: Readonly<Record<string, any>>
}

export function bodyOf({ body }: RawAnswer): AnswerBody {
  return JSON.parse(body.toString())
}

/**
 * Asks twice, the operation being new: both answers have one status and the same bytes, which are given. The doors default to
 * the long one and then the warm one.
 */
export async function throughBothDoors(
  { url, doors }: TestGateway,
  body: { readonly query: string; readonly variables?: object },
  {
    headers = {},
    taken = ['long', 'warm'],
  }: { readonly headers?: Readonly<Record<string, string>>; readonly taken?: readonly Door[] } = {},
): Promise<RawAnswer> {
  doors.take()
  const first = await sendRaw(url, post(body, headers))
  const second = await sendRaw(url, post(body, headers))
  expect([second.status, second.body.toString('latin1')]).toEqual([first.status, first.body.toString('latin1')])
  expect(doors.take()).toEqual(taken)
  return first
}
