import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** Whether a package of Debian can be installed here without asking anyone. */
export function canAptInstall(): boolean {
  return process.getuid?.() === 0 && isDebian()
}

/** Installs a package of Debian. Another who is at it is waited for. */
export function aptInstall(name: string): void {
  aptGet('update', '-qq')
  aptGet('install', '-y', '-qq', '--no-install-recommends', name)
}

function aptGet(...words: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...words], { stdio: ['ignore', 'ignore', 'inherit'], env })
}

function isDebian(): boolean {
  return existsSync('/etc/os-release') && /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'))
}
