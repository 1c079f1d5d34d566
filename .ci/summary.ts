import { readFileSync } from 'node:fs'

/** Prints "N passed, N failed" from vitest's JSON report; checks that failed and skipped tests count as failures. */
const [reportFile, checksStatus, testsStatus] = process.argv.slice(2)

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
}

function readReport(): Report | undefined {
  try {
    return JSON.parse(readFileSync(reportFile ?? '', 'utf8')) as Report
  } catch {
    return undefined
  }
}

const report = readReport()
const unfinished = report === undefined ? 1 : report.numFailedTests + report.numPendingTests + report.numTodoTests
const failed = unfinished + (checksStatus === '0' ? 0 : 1) + (testsStatus !== '0' && unfinished === 0 ? 1 : 0)
console.log(`${report?.numPassedTests ?? 0} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
