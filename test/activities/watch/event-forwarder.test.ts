import { ServiceError } from '@temporalio/client';
import { caseEventForwarder, eventForwarder, unseen } from '../../../activities/watch/event-forwarder';
import type { ContactCenter } from '../../../connectors/contact-center';
import { VendorError } from '../../../connectors/shared/errors';
import { SIGNALS } from '../../../domain/contract';
import type { ContactCenterEvent, HandoffEvent } from '../../../domain/events';
import { activityEnvironment, fakeDeps } from '../../support/activities';
import { fakeTemporal } from '../../support/fake-temporal';

const HANDOFF = 'handoff:main:conv';
const KEY = `${HANDOFF}#0123456789ab.1`;
const AT = '2026-01-01T00:00:00.000Z';
const inbound = (id: string, text = id): HandoffEvent => ({
  type: 'inbound',
  message: { id, at: AT, content: { kind: 'text', text } },
});
const says = (id: string, caseKey = KEY): ContactCenterEvent => ({
  type: 'agent-message',
  caseKey,
  message: { id, at: AT, agent: { name: 'Ana' }, content: { kind: 'text', text: id } },
});
const ids = (events: HandoffEvent[]) => events.map((event) => ('message' in event ? event.message.id : event.type));
const webhook = { parse: () => Promise.reject(new Error('unused')) };

describe('events of one handoff', () => {
  const forwarder = (mayHaveArrived: boolean, running = [HANDOFF]) => {
    const temporal = fakeTemporal(running);
    const environment = activityEnvironment();
    const source = { account: 'main', connection: 'platform' };
    const forwardEvents = eventForwarder(fakeDeps({ client: temporal.client }), source, mayHaveArrived);
    const forward = (id: string, events: HandoffEvent[]) =>
      environment.run<[], HandoffEvent[], () => Promise<HandoffEvent[]>>(() => forwardEvents(id, events));
    return { temporal, environment, forward };
  };

  test('reach it in order, and are not sent again when they are found again', async () => {
    const { temporal, forward } = forwarder(false);
    expect(await forward(HANDOFF, [inbound('1'), inbound('2')])).toEqual([]);
    expect(await forward(HANDOFF, [inbound('2'), inbound('3')])).toEqual([]);
    expect(ids(temporal.delivered(HANDOFF))).toEqual(['1', '2', '3']);
    expect(temporal.signals(HANDOFF)).toHaveLength(2);
  });

  test('that webhooks may have brought are asked about first, which leaves nothing in its history', async () => {
    const { temporal, forward } = forwarder(true);
    const forwarded = (...events: HandoffEvent[]) => forward(HANDOFF, events);
    temporal.hasSeen(HANDOFF, 'p:1');
    await forwarded(inbound('1'), inbound('2'));
    expect(ids(temporal.delivered(HANDOFF))).toEqual(['2']);
    temporal.hasSeen(HANDOFF, 'p:3');
    await forwarded(inbound('3'));
    expect(temporal.signals(HANDOFF)).toHaveLength(1);
  });

  test('none of which are news cost no question', async () => {
    const { temporal, forward } = forwarder(true);
    await forward(HANDOFF, []);
    expect(temporal.queries()).toBe(0);
    expect(await unseen(temporal.client, HANDOFF, [])).toEqual([]);
  });

  test('travel in signals that stay within what one may carry, each event bounded', async () => {
    const { temporal, forward } = forwarder(false);
    await forward(
      HANDOFF,
      Array.from({ length: 250 }, (_, i) => inbound(String(i), 'x'.repeat(i === 7 ? 70_000 : 10))),
    );
    expect(temporal.signals(HANDOFF, SIGNALS.deliver).map(([events]) => (events as unknown[]).length)).toEqual([
      100, 100, 50,
    ]);
    expect(temporal.delivered(HANDOFF)[7]).toMatchObject({ message: { content: { kind: 'omitted', bytes: 70_000 } } });
  });

  test('that has ended are not brought, which is no error', async () => {
    const { forward } = forwarder(false, []);
    expect(ids(await forward(HANDOFF, [inbound('1')]))).toEqual(['1']);
  });

  test('are in the log by the ids of their messages, and are counted, once', async () => {
    const { environment, forward } = forwarder(false);
    await forward(HANDOFF, [inbound('1'), inbound('2')]);
    await forward(HANDOFF, [inbound('2')]);
    const found = environment.lines.filter(({ message }) => message === 'a watch found events');
    expect(found).toMatchObject([
      {
        level: 'info',
        fields: { account: 'main', connection: 'platform', handoffId: HANDOFF, messageIds: ['1', '2'] },
      },
    ]);
    expect(JSON.stringify(environment.lines)).not.toContain('"text"');
    expect(environment.counts).toEqual({ 'handoff_worker_found_total{account=main,connection=platform}': 2 });
  });

  test('that Temporal will never take hold up nobody', async () => {
    const { temporal, forward } = forwarder(false);
    temporal.refuse(HANDOFF, new ServiceError('too large', { cause: Object.assign(new Error('x'), { code: 3 }) }));
    expect(await forward(HANDOFF, [inbound('1')])).toEqual([]);
  });

  test('that could not be brought because Temporal is away are brought the next time', async () => {
    const { temporal, forward } = forwarder(false);
    temporal.refuse(HANDOFF, new ServiceError('away', { cause: Object.assign(new Error('x'), { code: 14 }) }));
    await expect(forward(HANDOFF, [inbound('1')])).rejects.toThrow('away');
    temporal.refuse(HANDOFF, undefined);
    await forward(HANDOFF, [inbound('1')]);
    expect(ids(temporal.delivered(HANDOFF))).toEqual(['1']);
  });
});

describe("a contact center's events", () => {
  function forwarding(desk: Partial<ContactCenter> = {}, ...running: string[]) {
    const temporal = fakeTemporal(running);
    const deps = fakeDeps({ client: temporal.client, desk });
    const environment = activityEnvironment();
    const forward = (events: ContactCenterEvent[]) =>
      environment.run(() => caseEventForwarder(deps, 'main', 'desk')(events));
    return { temporal, forward, environment };
  }

  test('find their handoffs by the case key, and say by which connection they came', async () => {
    const other = 'handoff:main:other';
    const { temporal, forward } = forwarding({}, HANDOFF, other);
    await forward([says('1'), says('2', `${other}#0123456789ab.1`), says('3')]);
    expect(ids(temporal.delivered(HANDOFF))).toEqual(['1', '3']);
    expect(temporal.delivered(other)).toMatchObject([{ contactCenter: 'desk', message: { id: '2' } }]);
  });

  test("of another account's cases, and with keys that are not ours, reach nobody", async () => {
    const foreign = 'handoff:second:conv';
    const { temporal, forward } = forwarding({}, HANDOFF, foreign);
    await forward([says('1', `${foreign}#0123456789ab.1`), says('2', HANDOFF), says('3', 'ticket')]);
    expect(temporal.delivered(foreign)).toEqual([]);
    expect(temporal.delivered(HANDOFF)).toEqual([]);
  });

  test('after the end of their handoff are noted on the case, once, so that the agent learns it', async () => {
    const note = jest.fn(() => Promise.resolve());
    const findCase = () => Promise.resolve({ ref: { id: 'case-1' }, status: 'open' as const });
    const { temporal, forward, environment } = forwarding({ note, findCase, webhook });
    temporal.start(HANDOFF, { status: 'COMPLETED', seen: new Set(['c:1']) });
    await forward([says('1'), says('2'), says('3')]);
    expect(note).toHaveBeenCalledTimes(1);
    expect(note).toHaveBeenCalledWith({ id: 'case-1' }, `${KEY}/late`, expect.stringContaining('has ended'));
    expect(environment.counts).toEqual({ 'handoff_worker_late_total{account=main,connection=desk}': 2 });
  });

  test('that the ended handoff has seen are no news for the agent', async () => {
    const note = jest.fn(() => Promise.resolve());
    const { temporal, forward } = forwarding({ note });
    temporal.start(HANDOFF, { status: 'COMPLETED', seen: new Set(['c:1']) });
    await forward([says('1')]);
    expect(note).not.toHaveBeenCalled();
  });

  test('cost no replay of a handoff that has ended: what it has seen is in its result', async () => {
    const findCase = () => Promise.resolve({ ref: { id: 'case-1' }, status: 'open' as const });
    const note = jest.fn(() => Promise.resolve());
    const { temporal, forward } = forwarding({ note, findCase, webhook });
    temporal.start(HANDOFF, { status: 'COMPLETED', seen: new Set(['c:1']) });
    await forward([says('1'), says('2')]);
    expect(note).toHaveBeenCalledTimes(1);
    expect(temporal.queries()).toBe(0);
  });

  test('of one handoff that answers slowly hold up no other', async () => {
    const other = 'handoff:main:other';
    const { temporal, forward } = forwarding({}, HANDOFF, other);
    const answer = temporal.holdUp(HANDOFF);
    const both = forward([says('1'), says('2', `${other}#0123456789ab.1`)]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ids(temporal.delivered(other))).toEqual(['2']);
    expect(temporal.delivered(HANDOFF)).toEqual([]);
    answer();
    await both;
    expect(ids(temporal.delivered(HANDOFF))).toEqual(['1']);
  });

  test('that came late are noted by a later poll where the contact center is down, and once', async () => {
    const note = jest
      .fn(() => Promise.resolve())
      .mockRejectedValueOnce(new VendorError('unavailable', 'down'))
      .mockRejectedValueOnce(new VendorError('ambiguous', 'no answer'));
    const findCase = () => Promise.resolve({ ref: { id: 'case-1' }, status: 'open' as const });
    const temporal = fakeTemporal();
    temporal.start(HANDOFF, { status: 'COMPLETED' });
    const forward = caseEventForwarder(fakeDeps({ client: temporal.client, desk: { note, findCase } }), 'main', 'desk');
    const poll = (...events: ContactCenterEvent[]) => activityEnvironment().run(() => forward(events));
    await poll(says('1'));
    for (let i = 0; i < 4; i++) await poll();
    expect(note).toHaveBeenCalledTimes(3);
  });

  test('that came late hold up nobody where the note cannot be written', async () => {
    const other = 'handoff:main:other';
    const { temporal, forward } = forwarding(
      { findCase: () => Promise.reject(new VendorError('unavailable', 'down')) },
      other,
    );
    temporal.start(HANDOFF, { status: 'COMPLETED' });
    await forward([says('1'), says('2', `${other}#0123456789ab.1`)]);
    expect(ids(temporal.delivered(other))).toEqual(['2']);
  });
});
