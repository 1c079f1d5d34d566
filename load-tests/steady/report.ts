import { textTable } from '../../src/cli/text-table.ts'
import type { PacedResult } from '../serving/messages.ts'
import { verdict } from '../serving/report.ts'
import type { LatencyResult } from './run-latency.ts'
import type { SoakResult, SoakStep } from './run-soak.ts'

/** p99 is to be less than so many times p50, where half of the capacity is asked for. */
const MOST_P99_OF_P50 = 2

/** The table of the rounds, and whether the median of their p99 reached its target. */
export function latencyLines({ capacityRps, rounds }: LatencyResult): readonly string[] {
  const head = ['round', 'rps', 'failed', 'p50 ms', 'p90 ms', 'p99 ms', 'p99.9 ms', 'most ms', 'sent late, p99 ms']
  const rows = rounds.map((round, index) => [
    ...[String(index + 1), rpsOf(round), String(round.failures)],
    ...[round.p50Ms, round.p90Ms, round.p99Ms, round.p999Ms, round.maxMs, round.lateP99Ms].map(milliseconds),
  ])
  const [p50Ms, p99Ms] = [middle(rounds.map(({ p50Ms }) => p50Ms)), middle(rounds.map(({ p99Ms }) => p99Ms))]
  const ratio = p99Ms / p50Ms
  return [
    ...[capacityLine(capacityRps), '', ...textTable(head, rows), '', ...failureLines(rounds)],
    `${verdict(ratio < MOST_P99_OF_P50)}  1x10 at half of the capacity: p99 is ${ratio.toFixed(2)} x p50, to be less than ${MOST_P99_OF_P50}`,
  ]
}

export function capacityLine(capacityRps: number): string {
  return `capacity ${capacityRps.toFixed(0)} requests a second, of which half are sent, evenly`
}

const SOAK_COLUMNS: readonly (readonly [title: string, width: number, of: (step: SoakStep) => string])[] = [
  ['step', 4, ({ step }) => String(step)],
  ['rps', 7, rpsOf],
  ['failed', 6, ({ failures }) => String(failures)],
  ['p50 ms', 8, ({ p50Ms }) => milliseconds(p50Ms)],
  ['p99 ms', 8, ({ p99Ms }) => milliseconds(p99Ms)],
  ['p99.9 ms', 8, ({ p999Ms }) => milliseconds(p999Ms)],
  ['CPU ms/request', 14, ({ cpuMsPerRequest }) => cpuMsPerRequest.toFixed(4)],
  ['RSS MB', 8, ({ rssBytes }) => megabytes(rssBytes)],
  ['heap MB', 8, ({ heapBytes }) => megabytes(heapBytes)],
]

export const soakHead: string = SOAK_COLUMNS.map(([title, width]) => title.padStart(width)).join('  ')

/** A line of a table that is printed as it grows. */
export function soakLine(step: SoakStep): string {
  return SOAK_COLUMNS.map(([, width, of]) => of(step).padStart(width)).join('  ')
}

/** How much more the last third may have than the first and be flat: a machine is never quite still. */
const FLAT = { p99Ms: 1.25, rssBytes: 1.1, liveHeap: 1.1 } as const

/** Whether what is to stay as it is does: medians of the last third of the steps beside those of the first. */
export function soakVerdicts({ steps, liveHeapBytes }: SoakResult): readonly string[] {
  const third = Math.max(1, Math.floor(steps.length / 3))
  const of = (value: (step: SoakStep) => number): readonly [number, number] => [
    middle(steps.slice(0, third).map(value)),
    middle(steps.slice(-third).map(value)),
  ]
  const line = (name: string, [first, last]: readonly [number, number], most: number, print: (n: number) => string) =>
    `${verdict(last <= most * first)}  ${name}: ${print(first)}, then ${print(last)}, to be ${most} x at most`
  const failed = steps.reduce((sum, { failures }) => sum + failures, 0)
  return [
    ...failureLines(steps),
    `${verdict(failed === 0)}  failed requests: ${failed} of ${failed + steps.reduce((sum, { requests }) => sum + requests, 0)}`,
    line(
      'p99 ms',
      of(({ p99Ms }) => p99Ms),
      FLAT.p99Ms,
      milliseconds,
    ),
    line(
      'RSS MB',
      of(({ rssBytes }) => rssBytes),
      FLAT.rssBytes,
      megabytes,
    ),
    line('live heap MB, before and after', liveHeapBytes, FLAT.liveHeap, megabytes),
  ]
}

function failureLines(results: readonly PacedResult[]): readonly string[] {
  const failure = results.find(({ firstFailure }) => firstFailure !== undefined)?.firstFailure
  return failure === undefined ? [] : [`the first request that failed: ${failure}`, '']
}

function rpsOf({ requests, seconds }: PacedResult): string {
  return (requests / seconds).toFixed(0)
}

function milliseconds(value: number): string {
  return value.toFixed(3)
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
