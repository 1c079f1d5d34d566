import { describe, expect, test } from 'vitest'
import { utf8 } from '../../../../../src/lib/bytes.ts'
import {
  cellTail,
  createLayout,
  keyIn,
  nameOf,
  patternOf,
  slotOfKey,
} from '../../../../../src/stores/online/redis/layout.ts'
import { slotOf } from '../../../../../src/stores/online/redis/slot.ts'

const layout = createLayout('fieldstone')
const KEYS = ['a', '}', '}}', 'a}', '{', '\0', '*', '[a]', 'ÿ', '}v@1', '\x03\0\0', 'a}v@1\x03\0\0'].map(utf8)
const VIEWS = ['v@1', 'v@11', 'vv@1', '}v@1', 'v@1\x03']

describe('names', () => {
  test('of no two cells are the same, and each tells its key', () => {
    const names = new Set<string>()
    let count = 0
    for (const entity of ['A', 'AB', 'A}']) {
      const { head } = layout.namesOf(entity)
      for (const key of KEYS)
        for (const view of VIEWS)
          for (const part of [0, 3, 256, 65_535]) {
            const tail = cellTail({ view, part })
            const name = nameOf(head, key, tail)
            names.add(name.toString('latin1'))
            count += 1
            expect(keyIn(name, head, tail)).toEqual(Buffer.from(key))
            for (const other of VIEWS) {
              if (other !== view) expect(keyIn(name, head, cellTail({ view: other, part }))).toBe(undefined)
            }
          }
    }
    expect(names.size).toBe(count)
  })

  test('of all cells of a key are in one slot, that of the text between the first braces', () => {
    const names = layout.namesOf('Thing')
    for (const key of KEYS) {
      const slots = new Set<number>()
      for (const view of VIEWS) {
        const name = nameOf(names.head, key, cellTail({ view, part: 1 }))
        slots.add(slotOf(name, names.tagAt))
        const start = name.indexOf('{') + 1
        expect(start).toBe(names.tagAt)
        expect(name.indexOf('}')).toBeGreaterThan(start)
      }
      expect([...slots]).toEqual([slotOfKey(names, key)])
    }
  })

  test.each([
    ['123456789', 0x31c3],
    ['user1000', 3443],
    ['', 0],
  ])('hash %j as Redis does', (tag, slot) => {
    expect(slotOf(utf8(`${tag}}`), 0)).toBe(slot)
  })

  test('are matched by a pattern that takes no sign of theirs for more', () => {
    expect(patternOf(utf8('a*[b]?\\'), utf8('^c')).toString()).toBe('a\\*\\[b\\]\\?\\\\*\\^c')
  })

  test('of views are at most 255 bytes', () => {
    expect(cellTail({ view: 'v'.repeat(255), part: 0 }).byteLength).toBe(259)
    expect(() => cellTail({ view: 'v'.repeat(256), part: 0 })).toThrow(
      expect.objectContaining({ code: 'DEFINITION_INVALID' }),
    )
  })
})
