import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';

/** Beside the built program lies its workflow bundle; run from source, the worker bundles as it starts. */
export const BUNDLE_PATH = join(__dirname, 'workflow-bundle.js');

export function workflowCode(bundlePath = BUNDLE_PATH): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  if (existsSync(bundlePath)) return { workflowBundle: { codePath: bundlePath } };
  return { workflowsPath: require.resolve('../workflows') };
}
