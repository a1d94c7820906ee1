import { splitText, type MediaKind, type MessageContent } from '../../domain/message';
import { VendorError } from '../shared/errors';
import type { Message } from './model';

/** The most characters a message's content may have. */
export const TEXT_LIMIT = 4096;

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

function asText({ text }: Body): MessageContent | undefined {
  return typeof text === 'string' && text !== '' ? { kind: 'text', text } : undefined;
}

function asLocation({ latitude, longitude, locationName, address }: Body): MessageContent | undefined {
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return undefined;
  const label = [locationName, address].filter((part) => typeof part === 'string' && part !== '').join(', ');
  return { kind: 'location', latitude, longitude, ...(label && { label }) };
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

function words(value: unknown, wanted: (key: string) => boolean): string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value.trim()];
  if (typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap((item) => words(item, wanted));
  if (!isBody(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    wanted(key) || typeof item === 'object' ? words(item, wanted) : [],
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
  switch (content.kind) {
    case 'text':
    case 'other':
      return fromText(content.text);
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
      if (media === 'audio') return [file, ...fromText(caption)];
      return [{ ...file, content: { ...file.content, caption } }];
    }
  }
}

function fromText(text: string): OutgoingContent[] {
  return splitText(text, TEXT_LIMIT).map((part) => ({ contentType: 'TEXT', content: { text: part } }));
}
