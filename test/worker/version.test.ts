import { versionFrom, versioning } from '../../worker/version';

const version = { deploymentName: 'durable-handoff', buildId: '1.4.0' };
const env = { TEMPORAL_DEPLOYMENT_NAME: 'durable-handoff', TEMPORAL_WORKER_BUILD_ID: '1.4.0' };

describe('the version of a worker', () => {
  test('is none where the environment names none, or empties the variables: such a worker takes all tasks', () => {
    expect(versionFrom({})).toBeUndefined();
    expect(versionFrom({ TEMPORAL_DEPLOYMENT_NAME: '', TEMPORAL_WORKER_BUILD_ID: '' })).toBeUndefined();
    expect(versioning(undefined)).toEqual({});
  });

  test('moves running handoffs to the version that is current, instead of pinning them to the one they began with', () => {
    expect(versionFrom(env)).toEqual(version);
    expect(versioning(version)).toEqual({
      workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'AUTO_UPGRADE' },
    });
  });

  test.each(Object.keys(env))('is refused without %s, by its name: half a version would get no task', (name) => {
    expect(() => versionFrom({ ...env, [name]: undefined })).toThrow(`${name} is not set`);
  });

  test.each([
    { ...env, TEMPORAL_DEPLOYMENT_NAME: 'durable.handoff' },
    { ...env, TEMPORAL_DEPLOYMENT_NAME: 'durable:handoff' },
    { ...env, TEMPORAL_WORKER_BUILD_ID: 'feature/new' },
  ])('is refused where Temporal could not write it: %o', (wrong) => {
    expect(() => versionFrom(wrong)).toThrow(/use letters, digits/);
  });
});
