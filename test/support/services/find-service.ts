import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { aptInstall, canAptInstall } from '../apt.ts'

/** A service that tests and benchmarks run against: how its program is found, and got where there is none. */
export interface Service {
  readonly name: string
  /** Names the address of one that runs already. */
  readonly variable: string
  /** Programs by their paths, or by their names on PATH; the first that is there is taken. */
  readonly programs: readonly string[]
  /** Undefined: not without a person. */
  readonly install: { readonly isPossible: () => boolean; readonly run: () => void } | undefined
  /** For a person, one a line. */
  readonly ways: readonly string[]
  /** The command line of one that keeps nothing when it ends. */
  readonly words: (port: number, folder: string) => readonly string[]
}

/** Programs that tests have built for themselves. */
const OWN_PROGRAMS = resolve(import.meta.dirname, '../../../node_modules/.cache/fieldstone/bin')

export const REDIS: Service = {
  name: 'Redis',
  variable: 'REDIS_URL',
  programs: ['redis-server', '/usr/bin/redis-server', '/usr/local/bin/redis-server', 'valkey-server'],
  install: { isPossible: canAptInstall, run: () => aptInstall('redis-server') },
  ways: ['apt-get install redis-server', 'brew install redis'],
  words: (port, folder) => ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
}

const BIGTABLE_EMULATOR = 'cloud.google.com/go/bigtable/cmd/emulator@latest'

export const BIGTABLE: Service = {
  name: 'the Bigtable emulator',
  variable: 'BIGTABLE_EMULATOR_HOST',
  programs: [...cloudSdkPrograms('bigtable-emulator/cbtemulator'), 'cbtemulator', join(OWN_PROGRAMS, 'emulator')],
  install: { isPossible: () => onPath('go') !== undefined, run: () => goInstall(BIGTABLE_EMULATOR) },
  ways: ['gcloud components install bigtable', `go install ${BIGTABLE_EMULATOR}`],
  words: (port) => ['-host', '127.0.0.1', '-port', String(port)],
}

const SERVICES = [REDIS, BIGTABLE] as const

/** Where the Cloud SDK keeps its emulators, by how it was installed. */
function cloudSdkPrograms(path: string): readonly string[] {
  const home = process.env.HOME ?? ''
  const roots = [
    process.env.CLOUDSDK_ROOT_DIR ?? '',
    '/usr/lib/google-cloud-sdk',
    '/usr/share/google-cloud-sdk',
    '/usr/local/google-cloud-sdk',
    '/opt/google-cloud-sdk',
    '/opt/homebrew/share/google-cloud-sdk',
    '/snap/google-cloud-sdk/current',
    home && join(home, 'google-cloud-sdk'),
  ]
  return roots.filter((root) => root !== '').map((root) => join(root, 'platform', path))
}

/** The path of a service's program. Installs it where that can be done; throws one message that tells of all that is missing. */
export async function programOf(service: Service): Promise<string> {
  return find(service) ?? (await installOnce(service)) ?? fail(service)
}

function find({ programs }: Service): string | undefined {
  return programs.map((program) => (program.includes('/') ? existing(program) : onPath(program))).find(Boolean)
}

function existing(path: string): string | undefined {
  return existsSync(path) ? path : undefined
}

function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Test files run side by side: one of them installs, the others wait for it. */
async function installOnce(service: Service): Promise<string | undefined> {
  if (service.install?.isPossible() !== true) return undefined
  mkdirSync(OWN_PROGRAMS, { recursive: true })
  const lock = join(OWN_PROGRAMS, `${service.variable}.lock`)
  for (let waits = 0; waits < 600 && !tryLock(lock); waits += 1) {
    await pause(500)
    const found = find(service)
    if (found !== undefined) return found
  }
  try {
    if (find(service) === undefined) service.install.run()
    return find(service)
  } catch (error) {
    process.stderr.write(`${service.name} could not be installed: ${String(error)}\n`)
    return undefined
  } finally {
    rmdirSync(lock)
  }
}

function tryLock(lock: string): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    return false
  }
}

function goInstall(module: string): void {
  const env = { ...process.env, GOBIN: OWN_PROGRAMS, GOFLAGS: '-mod=mod' }
  execFileSync('go', ['install', module], { stdio: ['ignore', 'ignore', 'inherit'], env })
}

function fail(service: Service): never {
  const missing = [...new Set([service, ...SERVICES])].filter(
    (service) => process.env[service.variable] === undefined && find(service) === undefined,
  )
  const lines = missing.map(
    ({ name, variable, ways }) =>
      `- ${name}: ${ways.join(', or ')}; or set ${variable} to the address of one that runs`,
  )
  throw new Error(
    [
      'Tests run against real services, and these are missing here:',
      ...lines,
      "All of them at once, with Docker: 'docker compose -f deploy/compose.yaml up -d'; the file says which variables to set.",
    ].join('\n'),
  )
}
