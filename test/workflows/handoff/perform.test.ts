import { ActivityFailure, ApplicationFailure, RetryState, TimeoutFailure, TimeoutType } from '@temporalio/common';
import { log, scheduleActivity, type CancellationScope } from '@temporalio/workflow';
import type { Call } from '../../../workflows/handoff/calls';
import { perform } from '../../../workflows/handoff/perform';

jest.mock('@temporalio/workflow', () => ({
  log: { warn: jest.fn() },
  scheduleActivity: jest.fn(),
  workflowInfo: () => ({ workflowId: 'handoff:main:c1' }),
}));

const warn = jest.spyOn(log, 'warn');
const schedule = jest.mocked(scheduleActivity);
const scopeOf = (isCancelled: boolean) =>
  ({ run: (made: () => unknown) => made(), consideredCancelled: isCancelled }) as unknown as CancellationScope;

const failsWith = (cause: Error) =>
  schedule.mockRejectedValue(new ActivityFailure('failed', 'any', '1', RetryState.TIMEOUT, 'worker', cause));
const outOfTime = () => failsWith(new TimeoutFailure('out of time', undefined, TimeoutType.SCHEDULE_TO_CLOSE));

const toDesk = {
  activity: 'note',
  request: { account: 'main', contactCenter: 'desk', case: { id: '1' }, noteId: 'n', text: 'a secret' },
  summary: 'A note for the agent',
  within: { ms: 1_000 },
} as Call;
const toPlatform = {
  activity: 'link',
  request: { account: 'main', contactCenter: 'desk', conversationId: 'c1' },
  summary: 'Note the case on the conversation',
} as Call;
const opening = {
  activity: 'openCase',
  request: { account: 'main', key: 'k', route: { contactCenter: 'other' } },
  summary: 'Open the case',
} as unknown as Call;

beforeEach(() => void jest.clearAllMocks());

describe('a call that runs out of its time', () => {
  test.each([
    [toDesk, 'desk'],
    [opening, 'other'],
    [toPlatform, 'platform'],
  ])('is logged once, with its handoff, its activity and its connection', async (call, connection) => {
    outOfTime();
    expect(await perform(call, scopeOf(false))).toMatchObject({ ok: false, failure: 'timed-out' });
    const fields = { handoffId: 'handoff:main:c1', activity: call.activity, connection };
    expect(warn.mock.calls).toEqual([['a call ran out of its time', fields]]);
  });

  test('because it was cut short is no warning', async () => {
    outOfTime();
    expect(await perform(toDesk, scopeOf(true))).toMatchObject({ failure: 'interrupted' });
    expect(warn).not.toHaveBeenCalled();
  });
});

test('a call that is done, or refused for good, warns of nothing', async () => {
  schedule.mockResolvedValue(undefined);
  expect(await perform(toDesk, scopeOf(false))).toMatchObject({ ok: true });
  failsWith(ApplicationFailure.create({ type: 'case-closed', message: 'closed', nonRetryable: true }));
  expect(await perform(toDesk, scopeOf(false))).toMatchObject({ failure: 'case-closed' });
  expect(warn).not.toHaveBeenCalled();
});
