import { cpus, loadavg } from 'node:os'
import { textTable } from '../../src/cli/text-table.ts'
import { caseNamed, type Subject } from './cases.ts'
import { FEATURES_PER_VIEW } from './features.ts'
import type { Measured, ServingResult } from './run-serving.ts'
import type { StoreName } from './stores.ts'

/** What the figures hang on: the engine, the machine, and whether it has other things to do. */
export function machineLine(): string {
  const cores = cpus()
  const load = loadavg()[0]!.toFixed(2)
  return `Node ${process.version}, ${cores.length} x ${cores[0]?.model ?? 'unknown'}, load average ${load} before the start`
}

/**
 * The table of one case. Ratios say how many times as fast fieldstone is, by requests a second and by the servers' CPU. Where the
 * generator is near 100 % busy, it and not the server was the limit, and the CPU tells more; so it does where the store's
 * server takes more of the machine than the subjects.
 */
export function caseLines(results: readonly Measured[]): readonly string[] {
  const ours = results.find(({ subject }) => subject === 'fieldstone')
  const hasStoreCpu = results.some(({ storeCpuMsPerRequest }) => storeCpuMsPerRequest !== undefined)
  const rows = results.map((result) => [
    result.subject,
    result.rps.toFixed(0),
    result.p50Ms.toFixed(3),
    result.p99Ms.toFixed(3),
    result.cpuMsPerRequest.toFixed(4),
    ...(hasStoreCpu ? [result.storeCpuMsPerRequest!.toFixed(4)] : []),
    ours === undefined ? '' : (ours.rps / result.rps).toFixed(2),
    ours === undefined ? '' : (result.cpuMsPerRequest / ours.cpuMsPerRequest).toFixed(2),
    (100 * result.generatorBusy).toFixed(0),
  ])
  const head = ['subject', 'rps', 'p50 ms', 'p99 ms', 'CPU ms/request']
  if (hasStoreCpu) head.push('store server CPU')
  head.push('fieldstone x rps', 'x CPU', 'generator busy %')
  return [
    `${results[0]?.case ?? ''}, ${results[0]?.store ?? ''}`,
    ...textTable(head, rows),
    ...failureLines(results),
    '',
  ]
}

function failureLines(results: readonly Measured[]): readonly string[] {
  return results.flatMap(({ subject, failures, firstFailure }) =>
    failures === 0 ? [] : [`${subject} failed ${failures} requests; the first: ${firstFailure}`],
  )
}

interface Target {
  readonly store: StoreName
  readonly case: string
  readonly peer: Subject
  /** The least that fieldstone's requests a second are to be of the peer's. */
  readonly least: number
}

const TARGETS: readonly Target[] = [
  { store: 'lmdb', case: '1x10', peer: 'apollo-dataloader', least: 4 },
  { store: 'lmdb', case: '1x10', peer: 'fastify-json', least: 0.8 },
  { store: 'lmdb', case: '100x50', peer: 'apollo-dataloader', least: 8 },
  { store: 'lmdb', case: '100x50', peer: 'pass-through', least: 0.4 },
  { store: 'lmdb', case: '1x10-adhoc', peer: 'apollo-dataloader', least: 0.8 },
  { store: 'redis', case: '100x50', peer: 'apollo-dataloader', least: 8 },
  { store: 'redis', case: '100x50', peer: 'pass-through', least: 0.4 },
]

/** Whether each target was reached; only those whose cases and subjects were measured. */
export function targetLines(results: readonly ServingResult[]): readonly string[] {
  const lines = TARGETS.flatMap((target) => {
    const of = (name: Subject) => results.find((result) => isOf(result, target) && result.subject === name)
    const [ours, theirs] = [of('fieldstone'), of(target.peer)]
    return ours === undefined || theirs === undefined ? [] : [targetLine(target, ours, theirs)]
  })
  return [...lines, ...cpuPerCellLines(results)]
}

function isOf(result: ServingResult, target: Target): boolean {
  return result.store === target.store && result.case === target.case
}

function targetLine({ case: name, peer, least }: Target, ours: ServingResult, theirs: ServingResult): string {
  const ratio = ours.rps / theirs.rps
  const byCpu = (theirs.cpuMsPerRequest / ours.cpuMsPerRequest).toFixed(2)
  return `${verdict(ratio >= least)}  ${name}: ${ratio.toFixed(2)} x ${peer} (${byCpu} by CPU), to be ${least} or more`
}

/** In LMDB alone does nothing but the cells take time. */
function cpuPerCellLines(results: readonly ServingResult[]): readonly string[] {
  const of = (name: string) =>
    results.find(
      ({ case: measured, store, subject }) => measured === name && store === 'lmdb' && subject === 'fieldstone',
    )
  const [small, large] = [of('1x50'), of('1000x50')]
  if (small === undefined || large === undefined) return []
  const [before, after] = [small, large].map((result) => (1e6 * result.cpuMsPerRequest) / cellsOf(result.case))
  const growth = `${before!.toFixed(0)} ns at 1x50, ${after!.toFixed(0)} ns at 1000x50, not to grow`
  return [`${verdict(after! <= before!)}  CPU per cell: ${growth}`]
}

/** How a line about a target begins. */
export function verdict(isReached: boolean): string {
  return isReached ? 'reached' : 'missed '
}

function cellsOf(name: string): number {
  const { keyCount, viewCount } = caseNamed(name)
  return keyCount * viewCount * FEATURES_PER_VIEW
}
