import { compile, type FormatCallback, type RecursiveCallback } from 'html-to-text';

/** Nesting beyond this is cut: it would overflow the stack, and no person writes it. */
const MAX_DEPTH = 500;

/**
 * From here on tags are removed instead of read: the parser's time grows with the square of the elements left open, and
 * their number is all that is known before it has run.
 */
const MAX_TAGS = 10_000;

type Builder = Parameters<FormatCallback>[2];
type Element = Parameters<FormatCallback>[0];

/** A link's address follows in brackets, unless it is the text already or no address that a phone opens. */
const link: FormatCallback = (element, walk, builder) => {
  walk(element.children, builder);
  const href = attribute(element, 'href');
  const target = href.replace(/^mailto:/i, '');
  const [only, ...others] = element.children;
  const isShown = only?.type === 'text' && others.length === 0 && only.data?.trim() === target;
  if (/^(https?|mailto):/i.test(href) && !isShown) builder.addInline(` (${target})`);
};

/** Items of nested lists are not indented: a line's length stays its own. */
const bullets: FormatCallback = (element, walk, builder) => list(element, walk, builder, () => '- ');
const numbers: FormatCallback = (element, walk, builder) => {
  let number = Number.parseInt(attribute(element, 'start'), 10) || 1;
  list(element, walk, builder, () => `${number++}. `);
};

function list(element: Element, walk: RecursiveCallback, builder: Builder, prefix: () => string): void {
  builder.openBlock({ leadingLineBreaks: 2 });
  for (const child of element.children) {
    const isItem = child.type === 'tag' && child.name === 'li';
    if (isItem) {
      builder.openBlock({ leadingLineBreaks: 1 });
      builder.addInline(prefix());
    }
    walk(isItem ? child.children : [child], builder);
    if (isItem) builder.closeBlock({ trailingLineBreaks: 1 });
  }
  builder.closeBlock({ trailingLineBreaks: 2 });
}

/** Adjacent cells are words of their own. */
const cell: FormatCallback = (element, walk, builder) => {
  walk(element.children, builder);
  builder.addInline(' ');
};

function attribute({ attribs }: Element, name: string): string {
  return ((attribs as Record<string, string> | undefined)?.[name] ?? '').trim();
}

const paragraph = { format: 'block', options: { leadingLineBreaks: 2, trailingLineBreaks: 2 } };
const line = { format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } };

const convert = compile({
  wordwrap: false,
  limits: { maxDepth: MAX_DEPTH, ellipsis: '…' },
  formatters: { link, bullets, numbers, cell },
  selectors: [
    { selector: 'a', format: 'link' },
    { selector: 'ul', format: 'bullets' },
    { selector: 'ol', format: 'numbers' },
    ...['td', 'th'].map((selector) => ({ selector, format: 'cell' })),
    ...['table', 'tr', 'dl', 'dt', 'dd'].map((selector) => ({ selector, ...line })),
    ...['blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, ...paragraph })),
    ...['head', 'style', 'script', 'img'].map((selector) => ({ selector, format: 'skip' })),
    { selector: 'hr', options: { length: 3 } },
  ],
});

/** Rich text as the plain text that chat channels take. Bounded in time, whatever the text. */
export function htmlToText(html: string): string {
  const text = tagsIn(html) > MAX_TAGS ? withoutTags(html) : convert(html);
  return text.replaceAll('\u00a0', ' ').trim();
}

function tagsIn(html: string): number {
  let count = 0;
  for (let at = html.indexOf('<'); at >= 0; at = html.indexOf('<', at + 1)) count++;
  return count;
}

/** Each tag becomes a space, and entities characters. */
function withoutTags(html: string): string {
  const pieces: string[] = [];
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    const end = open < 0 ? html.length : open;
    pieces.push(html.slice(at, end), ' ');
    const close = open < 0 ? -1 : html.indexOf('>', open);
    at = close < 0 ? html.length : close + 1;
  }
  return convert(pieces.join(''));
}
