import fc from 'fast-check';
import {
  caseKey,
  handoffId,
  handoffIdOfCaseKey,
  invalidConversationId,
  MAX_CONVERSATION_ID_BYTES,
  parseHandoffId,
} from '../../domain/ids';

const NONCE = '0123456789ab';
const account = fc.string({ minLength: 1 }).filter((name) => !name.includes(':'));
const conversationId = fc
  .string({ minLength: 1, unit: 'binary' })
  .filter((id) => invalidConversationId(id) === undefined);

test('a handoff id names its conversation again, whatever that is called', () => {
  fc.assert(
    fc.property(account, conversationId, (name, id) => {
      const ref = { account: name, conversationId: id };
      expect(parseHandoffId(handoffId(ref))).toEqual(ref);
    }),
  );
});

test('a case key names its handoff again, even where the conversation is called like a case key', () => {
  const number = fc.integer({ min: 1, max: 99 });
  fc.assert(
    fc.property(account, conversationId, number, fc.boolean(), (name, id, n, isNested) => {
      const own = handoffId({ account: name, conversationId: isNested ? caseKey(id, NONCE, 1) : id });
      expect(handoffIdOfCaseKey(caseKey(own, NONCE, n))).toBe(own);
    }),
  );
});

test.each([
  '',
  'handoff:main:1',
  'handoff:main:1#0123456789ab',
  'handoff:main:1#xyz.1',
  'ticket:1#0123456789ab.1',
  'handoff:main:1#0123456789ab.100',
])('a key that is not ours is none: %p', (key) => {
  expect(handoffIdOfCaseKey(key)).toBeUndefined();
});

test.each(['', 'handoff', 'handoff:main', 'handoff:main:', 'watch:main:desk'])(
  'an id that is no handoff is none: %p',
  (id) => {
    expect(parseHandoffId(id)).toBeUndefined();
  },
);

test.each([
  ['', 'is empty'],
  ['.', 'is a path segment with a meaning of its own'],
  ['..', 'is a path segment with a meaning of its own'],
  ['a\ud800b', 'is not well-formed Unicode'],
  ['a\0b', 'contains a control character'],
  ['a\nb', 'contains a control character'],
  ['語'.repeat(64), `is longer than ${MAX_CONVERSATION_ID_BYTES} bytes in UTF-8`],
])('a conversation may not be called %j', (id, why) => {
  expect(invalidConversationId(id)).toBe(why);
});

test('a conversation may be called anything else, and its case key fits into a field of 255 bytes', () => {
  for (const id of ['1', 'a/b?c#d', '語'.repeat(63), '...', ' ', 'x'.repeat(MAX_CONVERSATION_ID_BYTES)]) {
    expect(invalidConversationId(id)).toBeUndefined();
    const key = caseKey(handoffId({ account: 'a'.repeat(40), conversationId: id }), NONCE, 99);
    expect(Buffer.byteLength(key)).toBeLessThanOrEqual(255);
  }
});
