import fc from 'fast-check';
import { boundedContext } from '../../activities/bounded-context';
import { jsonBytes, SHARES } from '../../domain/limits';

test('a context within all limits comes out as it went in', () => {
  const context = {
    tags: ['billing'],
    attributes: { tier: 'gold' },
    language: 'de-AT',
    queue: 'Billing',
    priority: 'HIGH' as const,
    replyTo: { to: '385' },
    customer: { name: 'Ivo', email: 'ivo@example.com' },
  };
  expect(boundedContext(context)).toEqual(context);
});

test('what is not known is not there', () => {
  expect(boundedContext({ tags: [], attributes: {} })).toEqual({ tags: [], attributes: {} });
});

test('words that are too long are cut; an address to reply to is taken whole or not at all', () => {
  const long = 'x'.repeat(5_000);
  const context = {
    tags: [long],
    attributes: { [long]: long },
    queue: long,
    language: long,
    replyTo: { to: long },
    customer: { name: long },
  };
  const bounded = boundedContext(context);
  expect(bounded.tags[0]).toHaveLength(200);
  expect(Object.entries(bounded.attributes).map(([key, value]) => [key.length, value.length])).toEqual([[200, 2_000]]);
  expect(bounded.queue).toHaveLength(200);
  expect(bounded.language).toHaveLength(35);
  expect(bounded.replyTo).toBeUndefined();
  expect(bounded.customer!.name).toHaveLength(320);
});

test('whatever others wrote into the metadata, it stays within its share', () => {
  const long = fc
    .tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.constantFrom(1, 50, 2_000))
    .map(([s, n]) => s.repeat(n));
  const many = fc.integer({ min: 0, max: 300 });
  fc.assert(
    fc.property(long, long, many, (word, value, count) => {
      const attributes = Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}${word}`, value]));
      const bounded = boundedContext({
        tags: new Array<string>(count).fill(word),
        attributes,
        replyTo: { to: value },
        customer: { name: value },
      });
      expect(jsonBytes(bounded.attributes)).toBeLessThanOrEqual(SHARES.context / 2 + 1_000);
      expect(bounded.tags.length).toBeLessThanOrEqual(100);
      expect(jsonBytes(bounded)).toBeLessThanOrEqual(SHARES.context + 100_000);
    }),
    { numRuns: 50 },
  );
});
