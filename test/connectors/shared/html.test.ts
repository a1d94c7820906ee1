import fc from 'fast-check';
import { htmlToText } from '../../../connectors/shared/html';

const MEBIBYTE = 1024 * 1024;

/** Pieces that have made converters of HTML slow: what is never closed, nests, repeats or almost ends. */
const hostile = [
  ...[
    '<a href="',
    '<a href=https://x.y>z',
    '<!--',
    '<style',
    '<style>',
    '<script>',
    '<',
    '&',
    '&amp',
    '&nbsp;',
    ' ',
    '\n',
  ],
  ...['<b>', '<div>', '<p>', '</p>', '<br>', '<h1>', '<pre>a\n', '<blockquote>a<br>', '<svg><a>', '<![CDATA[', '<?'],
  ...['<ul><li>', '<ol><li>', '<table><tr><td>', '<td>', '<li>a'],
];

describe('Rich text becomes plain text', () => {
  test.each([
    ['<p>One</p>\n\n<p>Two<br />\nlines</p>', 'One\n\nTwo\nlines'],
    ['<ul>\n<li>a</li>\n<li>b</li>\n</ul>', '- a\n- b'],
    ['<ol start="3"><li>a<ul><li>b</li></ul></li><li>c</li></ol>', '3. a\n- b\n\n4. c'],
    ['Fish &amp; chips &lt;b&gt; &euro;&#8364;&#x20AC;&nbsp;!', 'Fish & chips <b> €€€ !'],
    ['Gr&uuml;&szlig;e &Auml;&yuml;&sup2; &Omega;&piv; &ndash; &bdquo;x&ldquo;', 'Grüße Äÿ² Ωϖ – „x“'],
    ['AT&T; &unknown;', 'AT&T; &unknown;'],
    [
      'See <a href="https://example.com/?a=1&amp;b=2">the <b>page</b></a>.',
      'See the page (https://example.com/?a=1&b=2).',
    ],
    ['<a href="https://example.com">https://example.com</a>', 'https://example.com'],
    ['<a href="mailto:a@example.com">a@example.com</a>', 'a@example.com'],
    ['<a href="javascript:alert(1)">x</a>', 'x'],
    ['<style>p { color: red }</style><!-- no --><p>Yes</p>', 'Yes'],
    ['<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>', 'a b\nc'],
    ['<h1>Title</h1><blockquote>quoted</blockquote>', 'Title\n\nquoted'],
    ['', ''],
  ])('%s', (html, text) => {
    expect(htmlToText(html)).toBe(text);
  });

  test('a table of thousands of cells keeps every word', () => {
    const cells = Array.from({ length: 20_000 }, (_, i) => `w${i}`);
    expect(htmlToText(cells.map((cell) => `<td>${cell}</td>`).join('')).split(/\s+/)).toEqual(cells);
  });
});

describe('The time it takes is bounded', () => {
  test.each(hostile)('200 kB of %j take well below a second', (piece) => {
    const html = piece.repeat(Math.ceil(200_000 / piece.length));
    const start = performance.now();
    htmlToText(html);
    expect(performance.now() - start).toBeLessThan(900);
  });

  test('a mebibyte of text below hundreds of open elements takes a few seconds at most', () => {
    for (const open of ['<div>', '<a href="https://x.y">', '<blockquote><pre>', '<ul><li><pre>']) {
      const start = performance.now();
      const text = htmlToText(open.repeat(400) + 'word\n'.repeat(MEBIBYTE / 5));
      expect(performance.now() - start).toBeLessThan(3_000);
      expect(text.length).toBeLessThan(2 * MEBIBYTE);
    }
  });

  test('no mixture of such pieces takes long or throws', () => {
    const pieces = fc.array(fc.constantFrom(...hostile, 'word ', '</div>', '</a>', '">', '-->'), { maxLength: 30 });
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 500 }), (chosen, times) => {
        const start = performance.now();
        htmlToText(chosen.join('').repeat(times).slice(0, 200_000));
        expect(performance.now() - start).toBeLessThan(1_500);
      }),
      { numRuns: 50 },
    );
  });
});
