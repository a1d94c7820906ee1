import { createHash } from 'node:crypto';
import { contentAsText, splitText, type MessageContent } from '../../domain/message';
import { VendorError } from '../shared/errors';

/**
 * Published: at most 3,072 characters in a text and in a fallback. Counted here in UTF-16 code units, of which a
 * character has one or two, so that no text within this limit has more characters.
 */
export const TEXT_LIMIT = 3072;

/** Published: a card's description has at most 2,000 characters. */
const DESCRIPTION_LIMIT = 2000;

const SHOWN_TYPES = ['image/jpeg', 'image/jpg', 'image/png'];
const SHOWN_NAMES = /\.(jpe?g|png)$/i;

type FileContent = MessageContent & { kind: 'file' };

/**
 * What is posted for a content, each of them a message of its own and within the published limits: images with a place
 * in the web are shown, everything else is a text. Throws `unsupported` for a file that the end user could not open.
 */
export function bodiesOf(content: MessageContent): object[] {
  switch (content.kind) {
    case 'location': {
      const { label, latitude, longitude } = content;
      const map = `https://www.google.com/maps/search/?api=1&query=${latitude},${longitude}`;
      return texts(label ? `${label} ${map}` : map);
    }
    case 'file':
      return fileBodies(content);
    default:
      return texts(contentAsText(content));
  }
}

function texts(text: string): object[] {
  return splitText(text, TEXT_LIMIT).map((part) => ({ text: part }));
}

function fileBodies(file: FileContent): object[] {
  const { caption, ...alone } = file;
  const url = urlOf(file);
  const whole = contentAsText(file);
  if (caption) {
    const fitsCard = !isShown(file, url) || caption.length <= DESCRIPTION_LIMIT;
    // What does not fit in one message goes as two: the file, then its caption.
    if (!fitsCard || whole.length > TEXT_LIMIT) return [...fileBodies(alone), ...texts(caption)];
  }
  // A name too long for the limit is worth less than the link after it.
  const text = whole.length > TEXT_LIMIT ? contentAsText({ ...alone, name: undefined }) : whole;
  if (!isShown(file, url)) return [{ text }];
  const contentInfo = { fileUrl: url, altText: file.name ?? 'image', forceRefresh: false };
  if (!caption) return [{ image: { contentInfo }, fallback: text }];
  // An image alone carries no caption; a card does.
  const cardContent = { description: caption, media: { height: 'MEDIUM', contentInfo } };
  return [{ richCard: { standaloneCard: { cardContent } }, fallback: text }];
}

function urlOf({ source }: FileContent): string {
  if (!('url' in source)) {
    throw new VendorError('unsupported', 'Business Messages: a file needs a URL that end users can open');
  }
  if (contentAsText({ kind: 'file', media: 'document', source }).length > TEXT_LIMIT) {
    throw new VendorError('unsupported', `Business Messages: a file's URL has more than ${TEXT_LIMIT} characters`);
  }
  return source.url;
}

function isShown({ media, mimeType, name }: FileContent, url: string): boolean {
  if (media !== 'image') return false;
  if (mimeType) return SHOWN_TYPES.includes(mimeType.toLowerCase());
  return SHOWN_NAMES.test(name ?? (URL.canParse(url) ? new URL(url).pathname : ''));
}

/** The platform's id for something of ours, the same at every attempt, in the form of a UUID. */
export function derivedId(...parts: string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
