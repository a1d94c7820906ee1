import fc from 'fast-check';
import type { HandoffEvent } from '../../domain/events';
import { jsonBytes, latestWithin, SHARES, splitForSignals, STATE_BUDGET_BYTES } from '../../domain/limits';

const event = (id: string, text: string): HandoffEvent => ({
  type: 'inbound',
  message: { id, at: '2026-01-01T00:00:00.000Z', content: { kind: 'text', text } },
});

test('the size of a value is that of its JSON in UTF-8', () => {
  expect(jsonBytes('語😀"')).toBe(3 + 4 + 2 + 2);
  expect(jsonBytes(undefined)).toBe(0);
});

test('the shares leave room within the budget, with both directions full', () => {
  const { pending, undeliverable, seen, log, context, relayed } = SHARES;
  expect(2 * pending + undeliverable + seen + log + context + relayed).toBeLessThan(STATE_BUDGET_BYTES * 0.97);
});

describe('signals', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 400 }).map((one) => one.repeat(60));
  const events = fc.array(text).map((texts) => texts.map((one, i) => event(String(i), one)));

  test('carry all events in order, none of them too much', () => {
    fc.assert(
      fc.property(events, (all) => {
        const signals = splitForSignals(all);
        expect(signals.flat()).toEqual(all);
        for (const one of signals) {
          expect(one.length).toBeGreaterThan(0);
          expect(one.length === 1 || jsonBytes(one) <= 257 * 1024).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('carry at most 100 events each', () => {
    const signals = splitForSignals(Array.from({ length: 250 }, (_, i) => event(String(i), 'hi')));
    expect(signals.map(({ length }) => length)).toEqual([100, 100, 50]);
  });

  test('of no events are none', () => {
    expect(splitForSignals([])).toEqual([]);
  });
});

test('the latest items that fit are kept, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.nat(500), fc.nat(30), (items, bytes, count) => {
      const kept = latestWithin(items, bytes, count);
      expect(kept).toEqual(items.slice(items.length - kept.length));
      expect(kept.length).toBeLessThanOrEqual(count);
      const size = kept.reduce((sum, one) => sum + jsonBytes(one) + 1, 0);
      expect(size).toBeLessThanOrEqual(bytes);
      const next = items.at(-kept.length - 1);
      const isFull = kept.length === items.length || kept.length === count;
      if (!isFull) expect(size + jsonBytes(next) + 1).toBeGreaterThan(bytes);
    }),
  );
});
