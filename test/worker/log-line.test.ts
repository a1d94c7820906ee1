import { ApplicationFailure } from '@temporalio/common';
import { lineOf } from '../../worker/log-line';

/** What the SDK adds to each line of an activity. */
const ACTIVITY = {
  sdkComponent: 'activity',
  isLocal: false,
  attempt: 3,
  namespace: 'default',
  taskToken: 'CiQ5ZjM4',
  activityId: '7',
  activityType: 'append',
  taskQueue: 'handoff',
  workflowId: 'handoff:main:c1',
  workflowRunId: 'run',
  workflowType: 'handoff',
};

test('a line of an activity names handoff, call and attempt as the API does, and nothing that helps nobody', () => {
  const { level, message, fields } = lineOf('INFO', 'vendor call', { ...ACTIVITY, connection: 'desk' });
  expect([level, message]).toEqual(['info', 'vendor call']);
  expect(fields).toEqual({
    account: 'main',
    connection: 'desk',
    handoffId: 'handoff:main:c1',
    call: 'append',
    attempt: 3,
  });
});

test('a workflow that is no handoff keeps its id', () => {
  const meta = { ...ACTIVITY, workflowId: 'watch:main:desk', workflowType: 'watch', activityType: 'watchConnection' };
  expect(lineOf('WARN', 'polling keeps failing', meta).fields).toMatchObject({ workflowId: 'watch:main:desk' });
});

test('a line of one of the two workers says which', () => {
  const meta = { sdkComponent: 'worker', taskQueue: 'handoff-watch', state: 'RUNNING' };
  expect(lineOf('INFO', 'Worker state changed', meta)).toEqual({
    level: 'info',
    message: 'Worker state changed',
    fields: { taskQueue: 'handoff-watch', state: 'RUNNING' },
  });
});

test('a bug is there with its reason and its stack', () => {
  const line = lineOf('WARN', 'Activity failed', { ...ACTIVITY, error: new TypeError('oops'), durationMs: 3 });
  expect(line).toMatchObject({
    level: 'warn',
    fields: { handoffId: 'handoff:main:c1', reason: 'oops', stack: expect.stringContaining('log-line.test') },
  });
});

test("a vendor's refusal, which has a line of its own, is not there once more for each attempt", () => {
  const error = ApplicationFailure.create({ message: 'The desk answered 401', type: 'unauthorized' });
  expect(lineOf('WARN', 'Activity failed', { ...ACTIVITY, error })).toMatchObject({ level: 'debug' });
});

test.each([
  'No workflows registered, not polling for workflow tasks',
  'No Nexus services registered, not polling for Nexus tasks',
  'asset workflow-bundle.js 2 MiB [emitted]\nwebpack compiled',
  'Workflow bundle created',
])('the routine of each start is no news: %p', (message) => {
  expect(lineOf('INFO', message, {}).level).toBe('debug');
});

test('that Temporal does not answer is said in words, and one line speaks for all calls that wait for it', () => {
  const error = 'Status { code: Unavailable, message: "tcp connect error", source: Some(tonic::transport::Error) }';
  expect(lineOf('WARN', 'gRPC call query_workflow retried 5 times', { error, target: 'retry' })).toEqual({
    level: 'warn',
    message: 'Temporal does not answer; retrying',
    fields: { operation: 'query_workflow', failures: 5, reason: 'tcp connect error' },
    speaksFor: 'unreachable',
  });
});
