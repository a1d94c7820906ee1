import { setTimeout as sleep } from 'node:timers/promises';
import type { HandoffReading } from '../../sandbox/handoff-api';
import { LastKnown } from '../../sandbox/state/last-known';
import { startSandboxWithFakeApi, type SandboxWithFakeApi } from './sandbox-with-fake-api';

const connected = { handoffId: 'handoff:main:1', state: 'connected', messages: [] } as unknown as NonNullable<
  HandoffReading['handoff']
>;

describe('a handoff that cannot be read', () => {
  let answer: () => Promise<HandoffReading>;
  let calls: number;
  let known: LastKnown;

  beforeEach(() => {
    calls = 0;
    const read = () => {
      calls += 1;
      return answer();
    };
    known = new LastKnown({ read }, 50);
  });

  test('is shown as it was known last, with the time of that and the reason', async () => {
    answer = () => Promise.resolve({ handoff: connected });
    const before = Date.now();
    expect(await known.read('1')).toEqual({ handoff: connected });
    answer = () => Promise.resolve({ problem: 'no worker answers' });
    const { handoff, staleSince, problem } = await known.read('1');
    expect([handoff, problem]).toEqual([connected, 'no worker answers']);
    expect(Date.parse(staleSince!)).toBeGreaterThanOrEqual(before);
    expect((await known.read('1')).staleSince).toBe(staleSince);
    answer = () => Promise.resolve({ handoff: connected });
    expect(await known.read('1')).toEqual({ handoff: connected });
  });

  test('keeps nobody waiting, and is asked for once at a time', async () => {
    answer = () => Promise.resolve({ handoff: connected });
    await known.read('1');
    await sleep(60);
    calls = 0;
    answer = () => sleep(300, { handoff: connected });
    const [one, other] = await Promise.all([known.read('1'), known.read('1')]);
    expect([one.problem, one.staleSince]).toEqual([expect.stringContaining('not answered'), expect.any(String)]);
    expect(other).toEqual(one);
    expect(calls).toBe(1);
    await sleep(350);
    answer = () => Promise.resolve({ handoff: connected });
    expect(await known.read('1')).toEqual({ handoff: connected });
  });

  test('is up to date as long as answers come in time, however slowly', async () => {
    known = new LastKnown({ read: () => answer() }, 500);
    answer = () => Promise.resolve({ problem: 'no worker answers' });
    await known.read('1');
    answer = () => sleep(150, { handoff: connected });
    expect(await known.read('1')).toHaveProperty('problem');
    await sleep(100);
    expect(await known.read('1')).toEqual({ handoff: connected });
  });

  test('has nothing to show if it was never read, and is forgotten once it is gone', async () => {
    answer = () => Promise.resolve({ problem: 'Temporal cannot be reached' });
    expect(await known.read('1')).toEqual({ problem: 'Temporal cannot be reached' });
    answer = () => Promise.resolve({ handoff: connected });
    await known.read('1');
    answer = () => Promise.resolve({});
    expect(await known.read('1')).toEqual({});
    answer = () => Promise.resolve({ problem: 'Temporal cannot be reached' });
    expect(await known.read('1')).not.toHaveProperty('handoff');
  });
});

describe('the page of a handoff that cannot be read', () => {
  let fake: SandboxWithFakeApi;
  beforeAll(async () => {
    fake = await startSandboxWithFakeApi();
  });
  afterAll(() => fake.stop());

  test('keeps statuses and what follows from the handoff, and shows new messages', async () => {
    const platform = 'business-messages';
    fake.sandbox.businessMessages.faults.set({ webhooks: { delivery: 'never', delayMs: 0 } });
    const { endUsers } = fake.sandbox.businessMessages;
    const { conversationId, messageId: id } = endUsers.write({ text: 'Hello', name: 'Ivana' });
    const messages = [{ id, direction: 'inbound', at: new Date().toISOString(), deliveryStatus: 'delivered' }];
    fake.answer = { status: 200, body: { state: 'connected', representative: 'HUMAN', messages } };
    const fresh = await fake.state({ platform });
    expect(fresh).not.toHaveProperty('staleSince');

    fake.answer = { status: 503, body: { detail: 'No worker answers.' } };
    endUsers.write({ conversationId, text: 'Still there?' });
    const stale = await fake.state({ platform });
    expect(stale.handoff).toEqual(fresh.handoff);
    expect(stale.staleSince).toEqual(expect.any(String));
    expect(stale.problem).toContain('No worker answers.');
    expect(stale.phone?.bot).toBe('paused');
    const lines = stale.phone?.lines.map(({ text, deliveryStatus }) => [text, deliveryStatus]);
    expect(lines).toEqual([
      ['Hello', 'delivered'],
      ['Still there?', undefined],
    ]);
  });
});
