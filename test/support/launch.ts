import { chromium, type Browser } from 'playwright-core'
import { findChromium } from './chromium.js'

/** Chromium that talks to this machine alone, and not of its own accord. */
const flags = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE 127.0.0.2, EXCLUDE localhost',
]

export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath)
    throw new Error('there is no Chromium: install it with apt-get, or set HEADGATE_CHROMIUM to its path')
  const root = process.getuid?.() === 0
  return chromium.launch({ executablePath, headless: true, chromiumSandbox: !root, args: flags })
}
