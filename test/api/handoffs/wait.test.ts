import { ApplicationFailure, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { preferredWait } from '../../../api/handoffs/wait';
import { ID, startApi, viewOf, WRITE_KEY } from '../../support/api-fakes';

test.each([
  ['before it could be asked', new WorkflowNotFoundError('not found', ID, undefined)],
  ['while it was asked', new WorkflowUpdateFailedError('failed', ApplicationFailure.create({ message: 'it ended' }))],
])('a handoff that has ended %s is unavailable', async (_, error) => {
  const api = await startApi();
  const awaitState = () => {
    throw error;
  };
  api.temporal.withState(awaitState, viewOf({ state: 'closed', outcome: 'cancelled' }));
  const body = { conversationId: 'c1' };
  const answer = await api.call('POST', '/v1/handoffs', { body, key: WRITE_KEY, headers: { prefer: 'wait=5' } });
  expect([answer.status, answer.body.state, answer.body.outcome]).toEqual([200, 'unavailable', 'cancelled']);
  await api.stop();
});

test('the seconds to wait are read from Prefer as RFC 7240 writes it, ten at most', () => {
  expect(preferredWait('wait=3')).toBe(3);
  expect(preferredWait('respond-async; x, wait = "7"')).toBe(7);
  expect(preferredWait('wait=60')).toBe(10);
  for (const none of [undefined, '', 'wait', 'wait=-1', 'await=3', 'wait=3s'])
    expect(preferredWait(none)).toBeUndefined();
});
