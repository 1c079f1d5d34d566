import { type FSWatcher, watch } from 'chokidar'
import type { Deployment } from '../load-config.ts'
import { deploymentOf, importConfig } from '../load-config.ts'
import { type LoadedFiles, loadUserModule, stampOf } from './user-modules.ts'

export interface WatchOptions {
  /** Absolute. */
  readonly configPath: string
  /** Called with the first load and after each save that loads. The next one waits until it is done; what it throws goes to `onError`. */
  readonly onChange: (loaded: Deployment) => void | Promise<void>
  /** Called where the files cannot be loaded or are not legal. What was loaded before stands. */
  readonly onError: (error: unknown) => void
}

export interface DeploymentWatch {
  close(): Promise<void>
}

/** Editors write a file in steps, and many files at once. */
const SETTLE_MILLIS = 40

/**
 * Loads a deployment and loads it again whenever a file changes that it was loaded from: the config, or anything of the
 * user's that it imports. Gives the watch once the first load has come to `onChange` or `onError`.
 */
export async function watchDeployment(options: WatchOptions): Promise<DeploymentWatch> {
  const watcher = watch([], { ignoreInitial: false })
  let files: LoadedFiles = new Map()
  let timer: NodeJS.Timeout | undefined
  let loading: Promise<void> | undefined
  let isStale = false

  async function load(): Promise<void> {
    const reached: LoadedFiles = new Map()
    const isLoaded = await loadOnce(options, reached)
    // A broken file hides what it would have imported, so all that was watched before stays watched.
    const next = isLoaded ? reached : new Map([...files, ...reached])
    follow(watcher, files, next)
    files = next
  }

  async function loadUntilFresh(): Promise<void> {
    while (isStale) {
      isStale = false
      await load()
    }
    loading = undefined
  }

  function onEvent(path: string): void {
    if (files.get(path) === stampOf(path)) return
    isStale = true
    clearTimeout(timer)
    timer = setTimeout(() => {
      loading ??= loadUntilFresh()
    }, SETTLE_MILLIS)
  }

  watcher.on('all', (_event, path) => onEvent(path)).on('error', options.onError)
  isStale = true
  loading = loadUntilFresh()
  await loading
  return {
    close: async () => {
      clearTimeout(timer)
      isStale = false
      await watcher.close()
      await loading
    },
  }
}

async function loadOnce({ configPath, onChange, onError }: WatchOptions, reached: LoadedFiles): Promise<boolean> {
  try {
    const exported = await importConfig(configPath, (file) => loadUserModule(file, reached))
    await onChange(deploymentOf(configPath, exported))
    return true
  } catch (error) {
    onError(error)
    return false
  }
}

function follow(watcher: FSWatcher, before: LoadedFiles, after: LoadedFiles): void {
  const added = [...after.keys()].filter((path) => !before.has(path))
  const dropped = [...before.keys()].filter((path) => !after.has(path))
  if (added.length > 0) watcher.add(added)
  if (dropped.length > 0) watcher.unwatch(dropped)
}
