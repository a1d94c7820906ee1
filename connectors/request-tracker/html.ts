import { decodeEntities } from './entities';

/** What agents write in Request Tracker's rich text editor, as the plain text that chat channels take. */
export function htmlToText(html: string): string {
  const text = html
    .replace(/<(style|script|head)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/\s+/g, ' ')
    .replace(/<a\b[^>]*\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')[^>]*>(.*?)<\/a\s*>/gi, link)
    .replace(/ ?<br\b[^>]*> ?/gi, '\n')
    .replace(/ ?<li\b[^>]*> ?/gi, '\n- ')
    .replace(/ ?<\/?(?:ul|ol|table|div|tr|dl|dt|dd)\b[^>]*> ?/gi, '\n')
    .replace(/ ?<\/?(?:p|h[1-6]|blockquote|pre|hr)\b[^>]*> ?/gi, '\n\n')
    .replace(/<\/t[dh]\s*>/gi, ' ')
    .replace(/<[^>]*>/g, '');
  return decodeEntities(text)
    .replace(/\u00a0/g, ' ')
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** A link's address is lost on plain text unless it is the text already. */
function link(_whole: string, quoted: string | undefined, single: string | undefined, label: string): string {
  const address = quoted ?? single ?? '';
  const shown = decodeEntities(label.replace(/<[^>]*>/g, '')).trim();
  const target = decodeEntities(address).replace(/^mailto:/i, '');
  return shown === target || !/^https?:|^mailto:/i.test(address) ? label : `${label} (${address})`;
}
