import fc from 'fast-check';
import { boundedEvent, boundedId } from '../../domain/bounded-event';
import { isHandoffEvent, type HandoffEvent } from '../../domain/events';
import { jsonBytes } from '../../domain/limits';
import type { Agent, MessageContent } from '../../domain/message';

const AT = '2026-01-01T00:00:00.000Z';
const LIMITS = { maxTextBytes: 64 * 1024 };
const of = { caseKey: 'handoff:main:conv#0123456789ab.1', contactCenter: 'desk' };

function inbound(content: MessageContent, id = '1'): Extract<HandoffEvent, { type: 'inbound' }> {
  return { type: 'inbound', message: { id, at: AT, content } };
}
const contentOf = (content: MessageContent) => boundedEvent(inbound(content), LIMITS).message.content;

test('an event within all limits comes out as it went in', () => {
  const message = {
    id: '1',
    at: AT,
    author: 'Ivo',
    content: { kind: 'text' as const, text: 'hi' },
    replyTo: { to: '385' },
  };
  expect(boundedEvent({ type: 'inbound', message }, LIMITS)).toEqual({ type: 'inbound', message });
});

test('a text that is too long in UTF-8 is marked as omitted, with its size', () => {
  expect(contentOf({ kind: 'text', text: 'x'.repeat(LIMITS.maxTextBytes) })).toMatchObject({ kind: 'text' });
  expect(contentOf({ kind: 'text', text: '語'.repeat(22_000) })).toEqual({ kind: 'omitted', bytes: 66_000 });
  expect(contentOf({ kind: 'other', type: 'poll', text: 'x'.repeat(70_000) })).toEqual({
    kind: 'omitted',
    bytes: 70_000,
  });
});

test('a file whose link or caption is too long is omitted; its name is cut', () => {
  const file = { kind: 'file' as const, media: 'image' as const, source: { url: 'https://example.com/1' } };
  expect(contentOf({ ...file, name: 'x'.repeat(300) })).toMatchObject({ kind: 'file', name: 'x'.repeat(255) });
  expect(contentOf({ ...file, caption: 'x'.repeat(70_000) })).toMatchObject({ kind: 'omitted' });
  expect(contentOf({ ...file, source: { url: `https://${'x'.repeat(4_000)}` } })).toMatchObject({ kind: 'omitted' });
  expect(contentOf({ ...file, source: { contactCenterFile: 'x'.repeat(4_001) } })).toMatchObject({ kind: 'omitted' });
});

test('an id that is too long gives way to a digest, the same each time and different for different ids', () => {
  expect(boundedId('x'.repeat(200))).toBe('x'.repeat(200));
  const digest = boundedId('x'.repeat(201));
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(boundedId('x'.repeat(201))).toBe(digest);
  expect(boundedId('x'.repeat(202))).not.toBe(digest);
  expect(boundedId(digest)).toBe(digest);
});

test("an agent's name is cut, an endless avatar is left out, and who has no name is called Agent", () => {
  const named = (agent: Agent) => {
    const event = { type: 'agent-joined' as const, ...of, id: '1', at: AT, agent };
    return boundedEvent<HandoffEvent>(event, LIMITS) as typeof event;
  };
  expect(named({ name: 'A'.repeat(500), avatarUrl: 'x'.repeat(1_001) }).agent).toEqual({ name: 'A'.repeat(200) });
  expect(named({ id: 'i'.repeat(300), name: '' }).agent).toEqual({ id: boundedId('i'.repeat(300)), name: 'Agent' });
});

test('an address to reply to that is too long is left out: the platform is asked for it', () => {
  const event = inbound({ kind: 'text', text: 'hi' });
  const bounded = boundedEvent({ ...event, message: { ...event.message, replyTo: { to: 'x'.repeat(3_000) } } }, LIMITS);
  expect(bounded.message.replyTo).toBeUndefined();
});

test('whatever comes in, what goes on is small, still an event, and the same the second time', () => {
  const long = fc
    .tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.constantFrom(1, 30, 3_000))
    .map(([s, n]) => s.repeat(n));
  const content: fc.Arbitrary<MessageContent> = fc.oneof(
    fc.record({ kind: fc.constant('text' as const), text: long }),
    fc.record({ kind: fc.constant('other' as const), type: fc.constant('poll'), text: long }),
    fc.record({ kind: fc.constant('file' as const), media: fc.constant('image' as const), source: fc.record({ url: long }), name: long, caption: long, mimeType: long }),
    fc.record({ kind: fc.constant('location' as const), latitude: fc.constant(1), longitude: fc.constant(2), label: long }),
  ); // prettier-ignore
  const agent = fc.record({ id: long, name: long, avatarUrl: long });
  const event = fc.oneof(
    fc.record({ id: long, author: long, content }).map((rest): HandoffEvent => ({ type: 'inbound', message: { ...rest, at: AT } })),
    fc.record({ id: long, agent, content }).map((rest): HandoffEvent => ({ type: 'agent-message', ...of, message: { ...rest, at: AT } })),
    fc.record({ id: long, agent }).map((rest): HandoffEvent => ({ type: 'agent-left', ...of, ...rest, at: AT })),
  ); // prettier-ignore
  fc.assert(
    fc.property(event, (one) => {
      const bounded = boundedEvent(one, LIMITS);
      expect(isHandoffEvent(bounded)).toBe(true);
      // JSON may write one byte as six.
      expect(jsonBytes(bounded)).toBeLessThan(6 * LIMITS.maxTextBytes + 40_000);
      expect(boundedEvent(bounded, LIMITS)).toEqual(bounded);
    }),
  );
});
