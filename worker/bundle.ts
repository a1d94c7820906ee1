import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';

/** Beside the built program lies its workflow bundle; run from source, the worker has one made as it starts. */
export const BUNDLE_PATH = join(__dirname, 'workflow-bundle.js');

export async function workflowCode(bundlePath = BUNDLE_PATH): Promise<Pick<WorkerOptions, 'workflowBundle'>> {
  return { workflowBundle: existsSync(bundlePath) ? { codePath: bundlePath } : { code: await bundle() } };
}

/** In a process of its own: Node.js keeps for good the 150 MB that bundling takes. */
async function bundle(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'durable-handoff-bundle-'));
  try {
    const path = join(folder, 'workflow-bundle.js');
    const [code] = (await once(fork(require.resolve('./build-bundle'), [path]), 'exit')) as [number | null];
    if (code !== 0) throw new Error(`The workflow bundle could not be built (exit code ${code}): see above.`);
    return await readFile(path, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
