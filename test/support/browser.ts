import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { aptInstall, canAptInstall } from './apt.ts'

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
  if (!canAptInstall()) {
    throw new Error(
      `no Chromium found at ${INSTALLED.join(', ')}: install it (Debian: apt-get install chromium), or name it in CHROMIUM_PATH`,
    )
  }
  aptInstall('chromium')
  return INSTALLED[0]
}
