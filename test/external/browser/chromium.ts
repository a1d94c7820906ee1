import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PATHS = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const PATH = PATHS.find((path) => path !== undefined && existsSync(path));

/** Why there is no browser; undefined where there is one. */
export const chromiumMissing = PATH
  ? undefined
  : `no Chromium: install Debian's package 'chromium', or name one in CHROMIUM_PATH`;

export function startChromium(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  return chromium.launch({ executablePath: PATH, headless: true, args });
}
