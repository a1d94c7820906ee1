import type { WorkerDeploymentVersion } from '@temporalio/common';
import type { WorkerOptions } from '@temporalio/worker';

/** The names that Temporal's documentation and its controller for Kubernetes use. */
const DEPLOYMENT_NAME = 'TEMPORAL_DEPLOYMENT_NAME';
const BUILD_ID = 'TEMPORAL_WORKER_BUILD_ID';

/** As Temporal writes a version: `{deployment}.{build}`, or with a colon. So a name has neither. */
const NAME = /^[\w-]{1,200}$/;
const BUILD = /^[\w.+-]{1,200}$/;

/**
 * The version of the code that this process runs, where the environment names one; see docs/upgrades.md. Without it the
 * worker has no version and takes all tasks. Throws an error that says what is wrong.
 */
export function versionFrom(env: NodeJS.ProcessEnv): WorkerDeploymentVersion | undefined {
  const deploymentName = env[DEPLOYMENT_NAME] || undefined;
  const buildId = env[BUILD_ID] || undefined;
  if (deploymentName === undefined && buildId === undefined) return undefined;
  if (deploymentName === undefined || buildId === undefined) {
    const missing = deploymentName === undefined ? DEPLOYMENT_NAME : BUILD_ID;
    throw new Error(`${missing} is not set: a worker with a version needs both ${DEPLOYMENT_NAME} and ${BUILD_ID}.`);
  }
  if (!NAME.test(deploymentName)) throw new Error(`${DEPLOYMENT_NAME}: use letters, digits, - and _.`);
  if (!BUILD.test(buildId)) throw new Error(`${BUILD_ID}: use letters, digits, -, _, . and +.`);
  return { deploymentName, buildId };
}

/**
 * A running handoff goes on with the version that is current, or with the one that is being ramped up: it may last for
 * days, and no worker of an old version has to be kept that long. So do the watches and the janitor. See
 * docs/upgrades.md for why they are not pinned to the version that began them.
 */
export function versioning(
  version: WorkerDeploymentVersion | undefined,
): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (!version) return {};
  return {
    workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'AUTO_UPGRADE' },
  };
}
