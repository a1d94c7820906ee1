import { advance, cursorAt, parseCursor } from '../../../connectors/odoo/cursor';
import { changesOf, type Row } from '../../../connectors/odoo/events';
import { externalIdOf, keyOf } from '../../../connectors/odoo/external-id';
import { textToHtml } from '../../../connectors/odoo/html';
import { settings } from '../../../connectors/odoo/settings';
import { htmlToText } from '../../../connectors/shared/html';

describe('the external id of a ticket', () => {
  test.each(['handoff:main:a B/c?d#0123456789ab.1', 'ä_5f', '字🙂', 'a.b_c-d', `k${'字'.repeat(84)}`])(
    'holds the key %s and gives it back',
    (key) => {
      expect(externalIdOf(key)).toMatch(/^durable_handoff\.case_[A-Za-z0-9_-]+$/);
      expect(keyOf(externalIdOf(key))).toBe(key);
    },
  );

  test('differs where keys differ', () => {
    expect(new Set(['a', 'A', 'ä', 'a ', '_61'].map(externalIdOf)).size).toBe(5);
  });

  test.each(['', 'base.user_admin', 'durable_handoff.contact_1', 'durable_handoff.case_', 'durable_handoff.case__61'])(
    'is none of ours where it is %p',
    (externalId) => expect(keyOf(externalId)).toBeUndefined(),
  );
});

describe('text as HTML', () => {
  test('shows markup as text and keeps lines and spaces', () => {
    expect(textToHtml('<b>&"\n  x')).toBe('<p>&lt;b&gt;&amp;&quot;<br>\u00a0 x</p>');
    expect(htmlToText(textToHtml('a < b & c\nsecond'))).toBe('a < b & c\nsecond');
  });
});

describe('the cursor', () => {
  const MINUTE = 60_000;

  test('asks for numbers again that were passed over, until they cannot come any more', () => {
    const later = advance(cursorAt([10, 12], 0), [15], MINUTE);
    expect(later).toMatchObject({
      settled: 9,
      seen: [
        [10, 0],
        [12, 0],
        [15, MINUTE],
      ],
    });
    expect(advance(later, [], 2 * MINUTE)).toMatchObject({ settled: 12, seen: [[15, MINUTE]] });
  });

  test('counts one that came late as seen', () => {
    expect(advance(cursorAt([10, 12], 0), [11], 1).seen.map(([id]) => id)).toEqual([10, 11, 12]);
  });

  test('stays small however much is written', () => {
    const many = Array.from({ length: 3_000 }, (_, i) => i + 1);
    const cursor = advance(cursorAt([], 0), many, 1);
    expect(cursor.seen).toHaveLength(2_000);
    expect(cursor.settled).toBe(1_000);
    expect(parseCursor(JSON.stringify(cursor))).toEqual(cursor);
  });
});

describe('what a notification means', () => {
  const at = (id: number, time: string): Row => ({
    ...{ id, res_id: 1, message_type: 'notification', body: '', author_id: [7, 'Ana'], attachment_ids: [] },
    date: `2026-11-26 ${time}`,
  });
  const ticket = (closed: boolean, since: string | false) => ({
    ...{ id: 1, closed, partner_id: false as const },
    closed_date: since && `2026-11-26 ${since}`,
  });
  const typesOf = (rows: Row[], of: ReturnType<typeof ticket>) =>
    changesOf(rows, of, 'key').map(({ event }) => event.type);

  test('nothing where the ticket was never closed, or only before it changed', () => {
    expect(typesOf([at(1, '10:00:00')], ticket(false, false))).toEqual([]);
    expect(typesOf([at(1, '10:00:00')], ticket(true, '11:00:00'))).toEqual([]);
    expect(typesOf([at(1, '12:00:00')], ticket(true, '11:00:00'))).toEqual([]);
  });

  test('a closing, and a reopening after it', () => {
    expect(typesOf([at(1, '11:00:00')], ticket(true, '11:00:00'))).toEqual(['case-closed']);
    expect(typesOf([at(1, '11:00:00'), at(2, '11:00:01')], ticket(false, '11:00:00'))).toEqual([
      'case-closed',
      'case-reopened',
    ]);
    expect(typesOf([at(2, '12:00:00')], ticket(false, '11:00:00'))).toEqual(['case-reopened']);
  });
});

describe('settings', () => {
  test('name what is wrong', () => {
    const wrong = { kind: 'odoo', baseUrl: 'odoo.example.com', priorities: { HIGH: 4 }, password: 'x' };
    const paths = settings.safeParse(wrong).error!.issues.map(({ path }) => path.join('.'));
    expect(paths.sort()).toEqual(['', 'apiKey', 'baseUrl', 'priorities.HIGH']);
  });
});
