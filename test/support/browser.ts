import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'] as const

/** Started so that it asks nothing of the network by itself. */
const QUIET_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
] as const

/** A real headless Chromium with an empty profile. Close it. Throws where there is none and none can be installed. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = installedChromium() ?? installChromium()
  return chromium.launch({ executablePath, headless: true, args: [...QUIET_FLAGS] })
}

function installedChromium(): string | undefined {
  return [process.env.CHROMIUM_PATH, ...INSTALLED].find((path) => path !== undefined && existsSync(path))
}

function installChromium(): string {
  if (process.getuid?.() !== 0 || !isDebian()) {
    throw new Error(
      `no Chromium found at ${INSTALLED.join(', ')}: install it (Debian: apt-get install chromium), or name it in CHROMIUM_PATH`,
    )
  }
  aptGet('update', '-qq')
  aptGet('install', '-y', '-qq', '--no-install-recommends', 'chromium')
  return INSTALLED[0]
}

function aptGet(...words: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  execFileSync('apt-get', words, { stdio: ['ignore', 'ignore', 'inherit'], env })
}

function isDebian(): boolean {
  return existsSync('/etc/os-release') && /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'))
}
