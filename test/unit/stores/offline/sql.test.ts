import { describe, expect, test } from 'vitest'
import { fileSql, identifier, literal, resolvePath, scanSql, sourceSql } from '../../../../src/stores/offline/sql.ts'

const place = { tables: new Set(['daily', 'a.b']), baseDirectory: '/base' }

test('quotes within names and texts are doubled', () => {
  expect(identifier('a"b')).toBe('"a""b"')
  expect(literal("qu'o")).toBe("'qu''o'")
})

describe('a source', () => {
  test('is a table, whose catalog and schema are names of their own unless a config names it whole', () => {
    expect(sourceSql({ table: 'daily' }, place)).toBe('"daily"')
    expect(sourceSql({ table: 'warehouse.main.daily' }, place)).toBe('"warehouse"."main"."daily"')
    expect(sourceSql({ table: 'a.b' }, place)).toBe('"a.b"')
  })

  test('is a query on lines of its own, without a semicolon at its end', () => {
    expect(sourceSql({ sql: 'select 1 -- one' }, place)).toBe('(\nselect 1 -- one\n)')
    expect(sourceSql({ sql: 'select 1;\n' }, place)).toBe('(\nselect 1\n)')
  })

  test.each([
    ['x.parquet', "read_parquet('/base/x.parquet')"],
    ['x.CSV', "read_csv('/base/x.CSV')"],
    ['x.tsv.gz', "read_csv('/base/x.tsv.gz')"],
    ['x.jsonl', "read_json('/base/x.jsonl')"],
    ['day=*/x.ndjson.zst', "read_json('/base/day=*/x.ndjson.zst')"],
    ['/else/x.json', "read_json('/else/x.json')"],
    ['s3://bucket/x.parquet', "read_parquet('s3://bucket/x.parquet')"],
  ])('is the file %s', (file, sql) => {
    expect(sourceSql({ file }, place)).toBe(sql)
  })

  test('is no file whose ending tells no format', () => {
    expect(() => fileSql('/base/x.xlsx')).toThrow(/file '\/base\/x.xlsx': Its ending tells no format/)
  })

  test("a folder's own brackets and stars stand for themselves", () => {
    expect(resolvePath('/a[1]*', 'x*.csv')).toBe('/a[[]1][*]/x*.csv')
  })
})

test('a scan names its columns, lets nulls pass its bounds, and orders them first', () => {
  const request = {
    from: { table: 'daily' },
    columns: ['k', 'n'],
    orderBy: ['t', 'k'],
    bounds: [{ column: 't', fromMicros: -1, toMicros: 5 }],
    maxBatchRows: 1,
  }
  expect(scanSql(request, '"daily"')).toBe(
    [
      'select "k", "n"',
      'from "daily"',
      'where ("t" is null or "t" >= make_timestamp(-1)) and ("t" is null or "t" <= make_timestamp(5))',
      'order by "t" nulls first, "k" nulls first',
    ].join('\n'),
  )
})
