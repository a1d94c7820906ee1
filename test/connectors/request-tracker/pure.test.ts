import fc from 'fast-check';
import { join } from 'node:path';
import { loadSettings } from '../../../settings/load';
import { requestTracker } from '../../../connectors/request-tracker';
import { openingText } from '../../../connectors/request-tracker/cases';
import { advance, isNew, startOf, type Cursor } from '../../../connectors/request-tracker/cursor';
import { htmlToText } from '../../../connectors/request-tracker/html';
import { encodedWords, renderMail, type Mail } from '../../../connectors/request-tracker/mail';
import { sandboxEnvironment } from '../../../sandbox/launch/environment';
import { readPorts } from '../../../sandbox/launch/ports';

describe('The cursor', () => {
  test('every transaction is read exactly once, in whatever order they become visible within the time', () => {
    const order = fc.uniqueArray(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(order, fc.array(fc.integer({ min: 1, max: 9 })), (appearing, steps) => {
        let cursor: Cursor = { after: 0, missing: [] };
        const read: number[] = [];
        const waiting = [...appearing];
        const visible: number[] = [];
        for (let i = 0; waiting.length > 0; i++) {
          visible.push(...waiting.splice(0, steps[i] ?? 9));
          const found = visible.filter((id) => id > startOf(cursor)).sort((a, b) => a - b);
          read.push(...found.filter((id) => isNew(cursor, id)));
          cursor = advance(cursor, found, i);
        }
        expect([...read].sort((a, b) => a - b)).toEqual([...appearing].sort((a, b) => a - b));
      }),
    );
  });

  test('a number that never comes is given up, so that reading goes on from the end', () => {
    const cursor = advance({ after: 10, missing: [] }, [12], 0);
    expect(startOf(cursor)).toBe(10);
    expect(startOf(advance(cursor, [12], 10 * 60_000))).toBe(12);
  });

  test('a leap over millions of numbers keeps the cursor small', () => {
    const cursor = advance({ after: 0, missing: [] }, [5_000_000], 0);
    expect(cursor.missing.length).toBeLessThanOrEqual(500);
    expect(isNew(cursor, 4_999_999)).toBe(true);
  });
});

describe('A mail', () => {
  const mail: Mail = {
    from: { name: 'Zoë', address: 'zoe@example.com' },
    messageId: 'handoff.1@handoff.invalid',
    subject: 'Re: Chat',
    date: new Date('2026-11-21T12:00:00Z'),
    text: 'Hallo',
  };

  test('nothing from outside adds a header or a part', () => {
    const words = {
      from: { name: 'a\r\nBcc: b@c.d', address: 'zoe@example.com' },
      subject: 'x\r\n\r\nStatus: resolved',
    };
    const attachment = { name: 'f"\r\nX: y', mimeType: 'text/plain\r\nX: y', bytes: Buffer.from('--=_handoff--') };
    const rendered = renderMail({ ...mail, ...words, text: '\r\n--=_handoff--\r\n', attachment });
    const names = rendered.split('\r\n').map((line) => /^([A-Za-z-]+):/.exec(line)?.[1]);
    expect(names.filter(Boolean)).toEqual([
      ...['From', 'Date', 'Message-ID', 'Subject', 'MIME-Version', 'Content-Type'],
      ...['Content-Type', 'Content-Transfer-Encoding'],
      ...['Content-Type', 'Content-Disposition', 'Content-Transfer-Encoding'],
    ]);
    expect(rendered.split('--=_handoff')).toHaveLength(4);
  });

  test.each(['zoe@example.com>\r\nBcc: <x@y', 'zoe', 'zoe@exa mple.com', '"a b"@c'])(
    'refuses the sender %j',
    (address) => {
      expect(() => renderMail({ ...mail, from: { name: '', address } })).toThrow(RangeError);
    },
  );

  test('any text comes back from its encoded words, in lines mail allows', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const words = encodedWords(text).split('\r\n ');
        const decoded = words.map((word) => {
          expect(word.length).toBeLessThanOrEqual(75);
          return Buffer.from(/^=\?UTF-8\?B\?(.*)\?=$/.exec(word)![1]!, 'base64').toString('utf8');
        });
        expect(decoded.join('')).toBe(text);
      }),
    );
  });
});

describe('What the agent reads first', () => {
  test('tells each fact once, also where the platform holds it among its attributes', () => {
    const text = openingText({
      key: 'k',
      subject: 'Chat',
      priority: 'NORMAL',
      language: 'en',
      summary: 'Wants a refund.',
      customer: { id: 'c', name: 'Zoë' },
      tags: [],
      attributes: { language: 'en', campaign: 'spring' },
      transcript: { entries: [] },
    });
    expect(text).toBe('Wants a refund.\n\nCustomer: Zoë\nLanguage: en\ncampaign: spring');
  });
});

describe('The settings to try it with the sandbox', () => {
  test('are complete with what npm start sets and the two variables of Request Tracker', () => {
    const root = join(__dirname, '..', '..', '..');
    const config = join(root, 'sandbox', 'handoff.request-tracker.yaml');
    const rt = { HANDOFF_CONFIG: config, RT_URL: 'http://127.0.0.1:9680', RT_PASSWORD: 'p' };
    const { accounts } = loadSettings({ ...sandboxEnvironment(readPorts({}), root), ...rt });
    const kinds = Object.values(accounts).map(({ contactCenters }) => contactCenters.rt?.kind);
    expect(kinds).toEqual(['request-tracker', 'request-tracker']);
  });
});

describe("An agent's rich text as plain text", () => {
  test.each([
    ['<p>One</p>\n\n<p>Two<br />\nlines</p>', 'One\n\nTwo\nlines'],
    ['<ul>\n<li>a</li>\n<li>b</li>\n</ul>', '- a\n- b'],
    ['Fish &amp; chips &lt;b&gt; &euro;&#8364;&#x20AC;&nbsp;!', 'Fish & chips <b> €€€ !'],
    ['Gr&uuml;&szlig;e &Auml;&yuml;&sup2; &Omega;&piv; &ndash; &bdquo;x&ldquo;', 'Grüße Äÿ² Ωϖ – „x“'],
    ['AT&T; &unknown;', 'AT&T; &unknown;'],
    [
      'See <a href="https://example.com/?a=1&amp;b=2">the <b>page</b></a>.',
      'See the page (https://example.com/?a=1&b=2).',
    ],
    ['<a href="https://example.com">https://example.com</a>', 'https://example.com'],
    ['<a href="javascript:alert(1)">x</a>', 'x'],
    ['<style>p { color: red }</style><!-- no --><p>Yes</p>', 'Yes'],
    ['<table><tr><td>a</td><td>b</td></tr></table>', 'a b'],
    ['&#99999999;', '&#99999999;'],
  ])('%s', (html, text) => {
    expect(htmlToText(html)).toBe(text);
  });
});

describe('The settings', () => {
  const least = { kind: 'request-tracker', baseUrl: 'https://rt.example.com', username: 'handoff' };
  const issues = (more: object) =>
    requestTracker.settings.safeParse({ ...least, ...more }).error?.issues.map(({ path }) => path.join('.'));

  test('ask for no more than an address and credentials', () => {
    expect(requestTracker.settings.parse({ ...least, password: 'p' })).toMatchObject({
      queue: 'General',
      customField: 'HandoffKey',
      priorities: { LOW: 0, NORMAL: 50, HIGH: 80, URGENT: 100 },
      closedStatuses: ['resolved', 'rejected', 'deleted'],
    });
  });

  test.each([
    ['no credentials', {}, ['password']],
    ['two kinds of credentials', { password: 'p', token: 't' }, ['password']],
    ['a field that would end the query', { password: 'p', customField: 'a} OR 1=1' }, ['customField']],
    ['an address that is none', { password: 'p', baseUrl: 'rt' }, ['baseUrl']],
  ])('are refused with %s', (_, more, paths) => {
    expect(issues(more)).toEqual(paths);
  });
});
