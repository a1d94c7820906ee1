import { ApplicationFailure, WorkflowUpdateFailedError } from '@temporalio/client';
import { grpcError, ID, MANAGE_KEY, startApi, viewOf, type RunningApi } from '../../support/api-fakes';

let api: RunningApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.stop());

const HANDOFF = `/v1/handoffs/${encodeURIComponent(ID)}`;
const command = (path: string, body?: unknown) => api.call('POST', path, { body, key: MANAGE_KEY });

/** Adds a handoff that accepts an update, and answers with what it is asked. */
function accepting(update: string, view = viewOf()): unknown[] {
  const asked: unknown[] = [];
  api.temporal.add(ID, { updates: { [update]: (request) => (asked.push(request), view) } });
  return asked;
}

test('close ends a handoff for the operator, or for who is named, and shows it', async () => {
  const asked = accepting('close', viewOf({ state: 'closing' }));
  const answer = await command(`${HANDOFF}/close`);
  expect([answer.status, answer.body.state, answer.body.replyTo]).toEqual([200, 'closing', undefined]);
  await command(`${HANDOFF}/close`, { by: 'end-user' });
  expect(asked).toEqual([{ by: 'operator' }, { by: 'end-user' }]);
  expect((await command(`${HANDOFF}/close`, { by: 'cat' })).status).toBe(400);
});

test('transfer moves a handoff to another contact center, and to a queue there', async () => {
  const asked = accepting('transfer');
  expect((await command(`${HANDOFF}/transfer`, { to: 'sales' })).status).toBe(200);
  await command(`${HANDOFF}/transfer`, { to: 'sales', queue: 'Billing' });
  expect(asked).toEqual([{ to: 'sales' }, { to: 'sales', queue: 'Billing' }]);
  expect((await command(`${HANDOFF}/transfer`, {})).body.errors[0].path).toBe('to');
});

test('retry names the message, whatever its id holds, and the direction where it is given', async () => {
  const asked = accepting('retry');
  expect((await command(`${HANDOFF}/messages/${encodeURIComponent('p:a/1')}/retry`)).status).toBe(200);
  await command(`${HANDOFF}/messages/42/retry`, { direction: 'outbound' });
  expect(asked).toEqual([{ messageId: 'p:a/1' }, { messageId: '42', direction: 'outbound' }]);
  expect((await command(`${HANDOFF}/messages/42/retry`, { direction: 'up' })).status).toBe(400);
});

test.each(['close', 'transfer', 'messages/42/retry'])(
  '%s passes on why the handoff refuses, with 409',
  async (path) => {
    const refuse = () => {
      throw new WorkflowUpdateFailedError('failed', ApplicationFailure.create({ message: 'it is closing already' }));
    };
    api.temporal.add(ID, { updates: { close: refuse, transfer: refuse, retry: refuse } });
    const refused = await command(`${HANDOFF}/${path}`, path === 'transfer' ? { to: 'sales' } : undefined);
    expect([refused.status, refused.body.detail]).toEqual([409, 'it is closing already']);
  },
);

test('a command answers 404 where no such handoff is open, and 503 where no worker answers', async () => {
  expect((await command(`${HANDOFF}/close`)).status).toBe(404);
  expect((await command('/v1/handoffs/x/close')).status).toBe(404);
  const handoff = api.temporal.add(ID, { running: false });
  expect((await command(`${HANDOFF}/close`)).status).toBe(404);
  handoff.running = true;
  api.temporal.workerDown = grpcError(4);
  expect((await command(`${HANDOFF}/close`)).status).toBe(503);
});
