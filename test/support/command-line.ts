import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { REPOSITORY } from './source-imports.ts'

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command that was started: what it has said so far, and how it ends. */
export interface Started {
  readonly child: ChildProcess
  readonly output: { stdout: string; stderr: string }
  readonly finished: Promise<Finished>
  /** Resolves with the first match in what it says on either stream; rejects where it ends without. */
  says(pattern: RegExp): Promise<RegExpExecArray>
}

interface StartOptions {
  readonly cwd: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Starts `fieldstone …` from the sources as a process of its own. */
export function startFieldstone(words: readonly string[], options: StartOptions): Started {
  return startNode([resolve(REPOSITORY, 'src/cli/main.ts'), ...words], options)
}

/** Runs `fieldstone …` from the sources to its end. */
export function fieldstone(words: readonly string[], options: StartOptions): Promise<Finished> {
  return startFieldstone(words, options).finished
}

/** What a failed test leaves behind ends with the test's own process. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export function startNode(words: readonly string[], { cwd, environment = {} }: StartOptions): Started {
  // Nothing of the test runner's own environment but what every program needs.
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', ...environment }
  const child = spawn(process.execPath, ['--conditions=fieldstone-source', ...words], { cwd, env })
  running.add(child)
  child.on('close', () => running.delete(child))
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk
  })
  const finished = new Promise<Finished>((done) => child.on('close', (code) => done({ code, ...output })))
  return { child, output, finished, says: (pattern) => firstMatch(child, output, pattern) }
}

function firstMatch(child: ChildProcess, output: Started['output'], pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((found, lost) => {
    const look = (): void => {
      const match = pattern.exec(output.stdout) ?? pattern.exec(output.stderr)
      if (match !== null) found(match)
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.on('close', (code) => {
      look()
      lost(new Error(`ended with ${code} before it said ${pattern}:\n${output.stdout}\n${output.stderr}`))
    })
    look()
  })
}

/** A user's folder outside the repository that has Fieldstone installed; `remove` deletes it. */
export interface UserFolder {
  readonly path: string
  write(name: string, text: string): Promise<void>
  remove(): Promise<void>
}

export async function userFolder(files: Readonly<Record<string, string>> = {}): Promise<UserFolder> {
  const path = await mkdtemp(join(tmpdir(), 'fieldstone-cli-'))
  const write = async (name: string, text: string): Promise<void> => {
    await mkdir(dirname(join(path, name)), { recursive: true })
    await writeFile(join(path, name), text)
  }
  await installFieldstone(path)
  await write('package.json', '{ "type": "module" }')
  for (const [name, text] of Object.entries(files)) await write(name, text)
  return { path, write, remove: () => rm(path, { recursive: true, force: true }) }
}

/** What `npm install` would do, by links. */
export async function installFieldstone(folder: string): Promise<void> {
  const modules = join(folder, 'node_modules')
  await mkdir(modules, { recursive: true })
  await symlink(REPOSITORY, join(modules, 'fieldstone'))
  for (const name of ['graphql', 'zod']) await symlink(resolve(REPOSITORY, 'node_modules', name), join(modules, name))
}
