import { writeFile } from 'node:fs/promises';
import { bundleWorkflowCode } from '@temporalio/worker';
import { BUNDLE_PATH } from './bundle';

/** The last step of `npm run build`: production starts without bundling. */
async function main(): Promise<void> {
  const { code } = await bundleWorkflowCode({ workflowsPath: require.resolve('../workflows') });
  await writeFile(BUNDLE_PATH, code);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
