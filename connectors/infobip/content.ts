import { partsOf, type MediaKind, type MessageContent } from '../../domain/message';
import { VendorError } from '../shared/errors';
import { TEXT_LIMIT } from './limits';
import type { Message } from './model';

type Body = Record<string, unknown>;

/** What a message says, also where nothing can be made of it: then its type alone, in brackets. */
export function contentOf({ contentType, content }: Pick<Message, 'contentType' | 'content'>): MessageContent {
  return toContent(contentType, content) ?? inWords(contentType ?? 'UNKNOWN', {});
}

/**
 * Infobip's content as ours; undefined where there is none, or where it has no type (webhooks leave it out) and its
 * shape does not tell.
 */
export function toContent(contentType: string | undefined, content: unknown): MessageContent | undefined {
  const body = typeof content === 'string' ? { text: content } : content;
  if (!isBody(body) || Object.keys(body).length === 0) return undefined;
  if (contentType === undefined) return asText(body) ?? asLocation(body) ?? asFile('document', body);
  return withOwnWord(contentType, body) ?? inWords(contentType, body);
}

function withOwnWord(contentType: string, body: Body): MessageContent | undefined {
  if (contentType === 'TEXT' || contentType === 'RCS_TEXT') return asText(body);
  if (contentType === 'LOCATION') return asLocation(body);
  const media = MEDIA.find(([types]) => types.test(contentType))?.[1];
  return media && asFile(media, body);
}

const MEDIA: [types: RegExp, MediaKind][] = [
  [/^IMAGE$|_STICKER$|_GIF$/, 'image'],
  [/^(AUDIO|VOICE)$/, 'audio'],
  [/^VIDEO$|^VIBER_BOT_VIDEO$/, 'video'],
  [/^(DOCUMENT|FILE)$|_FILE$/, 'document'],
];

function asText(body: Body): MessageContent | undefined {
  const text = typeof body.text === 'number' ? String(body.text) : body.text;
  return typeof text === 'string' && text !== '' ? { kind: 'text', text } : undefined;
}

function asLocation(body: Body): MessageContent | undefined {
  const { locationName, address } = body;
  const [latitude, longitude] = [asNumber(body.latitude), asNumber(body.longitude)];
  if (latitude === undefined || longitude === undefined) return undefined;
  const label = [locationName, address].filter((part) => typeof part === 'string' && part !== '').join(', ');
  return { kind: 'location', latitude, longitude, ...(label && { label }) };
}

function asNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function asFile(media: MediaKind, body: Body): MessageContent | undefined {
  const url = body.url ?? (isBody(body.file) ? body.file.url : undefined);
  if (typeof url !== 'string' || !/^https?:\/\//i.test(url)) return undefined;
  return {
    kind: 'file',
    media: media === 'document' ? mediaByExtension(url) : media,
    source: { url },
    ...(typeof body.caption === 'string' && body.caption && { caption: body.caption }),
  };
}

const EXTENSIONS: [extension: RegExp, MediaKind][] = [
  [/\.(jpe?g|png|gif|webp|heic)$/i, 'image'],
  [/\.(mp3|m4a|ogg|oga|opus|wav|amr|aac)$/i, 'audio'],
  [/\.(mp4|mov|3gpp?|webm)$/i, 'video'],
];

function mediaByExtension(url: string): MediaKind {
  const path = url.replace(/[?#].*$/s, '');
  return EXTENSIONS.find(([extension]) => extension.test(path))?.[1] ?? 'document';
}

/** Buttons, replies to them, forms, contacts, orders and what is yet to come: all their words in one line. */
function inWords(type: string, body: Body): MessageContent {
  const label = `[${type.toLowerCase().replaceAll('_', ' ')}]`;
  const meant = words(body, (key) => !/^(id|type|payload|postbackData)$|(Id|Type)$/.test(key));
  const found = meant.length > 0 ? meant : words(body, () => true);
  return { kind: 'other', type, text: [label, found.join(', ')].filter(Boolean).join(' ') };
}

/** No published content is nested as deep; what is would take the call stack with it. */
const MAX_DEPTH = 20;

function words(value: unknown, wanted: (key: string) => boolean, depth = 0): string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value.trim()];
  if (typeof value === 'number') return [String(value)];
  if (depth === MAX_DEPTH) return [];
  if (Array.isArray(value)) return value.flatMap((item) => words(item, wanted, depth + 1));
  if (!isBody(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    wanted(key) || typeof item === 'object' ? words(item, wanted, depth + 1) : [],
  );
}

function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export interface OutgoingContent {
  contentType: string;
  content: Record<string, unknown>;
}

const OUTGOING_MEDIA: Record<MediaKind, string> = {
  image: 'IMAGE',
  audio: 'AUDIO',
  video: 'VIDEO',
  document: 'DOCUMENT',
};

/** Our content as the messages it takes at Infobip, in order. Throws `unsupported` for a file that has no URL. */
export function fromContent(content: MessageContent): OutgoingContent[] {
  return partsOf(content, TEXT_LIMIT).flatMap(fromPart);
}

function fromPart(content: MessageContent): OutgoingContent[] {
  switch (content.kind) {
    case 'text':
    case 'other':
      return [fromText(content.text)];
    case 'location': {
      const { latitude, longitude, label } = content;
      return [{ contentType: 'LOCATION', content: { latitude, longitude, ...(label && { locationName: label }) } }];
    }
    case 'file': {
      const { source, media, caption } = content;
      if (!('url' in source)) throw new VendorError('unsupported', 'Infobip: a file can be sent by URL only');
      const file = { contentType: OUTGOING_MEDIA[media], content: { url: source.url } };
      if (!caption) return [file];
      // Audio takes no caption.
      if (media === 'audio') return [file, fromText(caption)];
      return [{ ...file, content: { ...file.content, caption } }];
    }
    case 'omitted':
      throw new VendorError('too-large', `Infobip: a message of ${content.bytes} bytes was too large to be carried`);
  }
}

function fromText(text: string): OutgoingContent {
  return { contentType: 'TEXT', content: { text } };
}
