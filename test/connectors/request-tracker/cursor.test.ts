import fc from 'fast-check';
import {
  advance,
  cursorAt,
  isNew,
  parseCursor,
  startOf,
  type Cursor,
} from '../../../connectors/request-tracker/cursor';

const at = (after: number): Cursor => ({ after, missing: [], aside: [] });
const HOUR_MS = 3_600_000;

describe('The cursor', () => {
  test('every transaction is read exactly once, in whatever order they become visible within the time', () => {
    const order = fc.uniqueArray(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(order, fc.array(fc.integer({ min: 1, max: 9 })), (appearing, steps) => {
        let cursor = at(0);
        const read: number[] = [];
        const waiting = [...appearing];
        const visible: number[] = [];
        for (let i = 0; waiting.length > 0; i++) {
          visible.push(...waiting.splice(0, steps[i] ?? 9));
          const found = visible.filter((id) => id > startOf(cursor)).sort((a, b) => a - b);
          read.push(...found.filter((id) => isNew(cursor, id)));
          cursor = parseCursor(JSON.stringify(advance(cursor, found, i)));
        }
        expect([...read].sort((a, b) => a - b)).toEqual([...appearing].sort((a, b) => a - b));
      }),
    );
  });

  test('a number that never comes is forgotten after a while, so that reading goes on from the end', () => {
    const cursor = advance(at(10), [12], 0);
    expect(startOf(cursor)).toBe(10);
    expect(startOf(advance(cursor, [12], HOUR_MS))).toBe(12);
  });

  test('no gap, however large, makes it forget another', () => {
    let cursor = advance(at(0), [2], 0);
    cursor = advance(cursor, [2, 5_000_000], 1);
    cursor = advance(cursor, [2, 5_000_000, 9_000_000], 2);
    expect(isNew(cursor, 1)).toBe(true);
    expect(isNew(cursor, 3)).toBe(true);
    expect(isNew(cursor, 4_999_999)).toBe(true);
    expect(isNew(cursor, 5_000_000)).toBe(false);
    expect(JSON.stringify(cursor).length).toBeLessThan(200);
  });

  test('it stays small when thousands of numbers are missing, and forgets none of them', () => {
    const found = Array.from({ length: 10_000 }, (_, i) => 2 * i + 2);
    const cursor = advance(at(0), found, 0);
    expect(JSON.stringify(cursor).length).toBeLessThan(100_000);
    expect(found.every((id) => isNew(cursor, id - 1))).toBe(true);
  });

  test('a start knows the numbers that are missing among the latest', () => {
    const cursor = cursorAt([5, 6, 9], 0);
    expect([4, 5, 6, 7, 8, 9, 10].filter((id) => isNew(cursor, id))).toEqual([7, 8, 10]);
    expect(startOf(cursorAt([], 0))).toBe(0);
  });
});
