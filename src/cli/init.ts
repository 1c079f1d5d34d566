import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { FieldstoneError } from '../errors.ts'
import type { Terminal } from './terminal.ts'
import { examples } from './verb.ts'

/** `fieldstone init` */
export function addInit(program: Command, terminal: Terminal): void {
  program
    .command('init')
    .summary('make a new deployment with a small working example')
    .description(
      'Writes a small working deployment with its own generated data into a new or empty folder. Nothing is downloaded; the README in it says what to run.',
    )
    .argument('[folder]', 'where; made if it is not there', '.')
    .addHelpText('after', examples('init my-features', 'init'))
    .action(async (folder: string) => {
      const files = await initDeployment(resolve(folder))
      for (const file of files) terminal.note(`wrote ${join(folder, file)}`)
      const enter = resolve(folder) === process.cwd() ? '' : `cd ${relative(process.cwd(), resolve(folder))} && `
      terminal.print(
        `${enter}npm install && npx fieldstone apply && npx fieldstone materialize && npx fieldstone serve`,
      )
    })
}

/**
 * Writes the example into a folder and gives the files' names. Throws FOLDER_NOT_EMPTY, where a `.git` is not in its way, and
 * FOLDER_REFUSED.
 */
export async function initDeployment(folder: string): Promise<readonly string[]> {
  const { exampleFiles } = await import('./init-example.ts')
  await assertEmpty(folder)
  const files = exampleFiles(new Date())
  for (const [name, text] of files) {
    const file = join(folder, name)
    await accepted(folder, () => mkdir(dirname(file), { recursive: true }))
    await accepted(folder, () => writeFile(file, text, { flag: 'wx' }))
  }
  return files.map(([name]) => name)
}

async function assertEmpty(folder: string): Promise<void> {
  const names = existsSync(folder) ? await accepted(folder, () => readdir(folder)) : []
  const inTheWay = names.filter((name) => name !== '.git')
  if (inTheWay.length === 0) return
  throw new FieldstoneError('FOLDER_NOT_EMPTY', {
    seen: `${folder} holds ${inTheWay.slice(0, 3).join(', ')}${inTheWay.length > 3 ? ', …' : ''}`,
  })
}

async function accepted<T>(folder: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new FieldstoneError('FOLDER_REFUSED', { seen: folder, why: `The system says: ${reason}.`, cause })
  }
}
