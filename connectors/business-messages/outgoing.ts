import { createHash } from 'node:crypto';
import { contentAsText, type MessageContent, type Representative } from '../../domain/message';
import { VendorError } from '../shared/errors';
import type { BusinessMessagesSettings } from './settings';

/** Nowhere published; this is what other channels take, and the service splits what is longer. */
export const TEXT_LIMIT = 4096;

const MAX_CARD_DESCRIPTION = 2000;
const SHOWN_TYPES = ['image/jpeg', 'image/jpg', 'image/png'];
const SHOWN_NAMES = /\.(jpe?g|png)$/i;

/** Who speaks, in the vendor's words. The avatar is left out where there is none. */
export function representativeOf(
  representative: Representative,
  { bot, defaultAgentAvatar }: Pick<BusinessMessagesSettings, 'bot' | 'defaultAgentAvatar'>,
) {
  if (representative.type === 'BOT') return { ...bot, representativeType: 'BOT' };
  const { name, avatarUrl = defaultAgentAvatar } = representative.agent;
  return { avatarImage: avatarUrl, displayName: name, representativeType: 'HUMAN' };
}

/**
 * The part of a message that says something: images with a place in the web are shown, everything else is a text.
 * Throws `unsupported` for a file that the end user could not open.
 */
export function bodyOf(content: MessageContent) {
  switch (content.kind) {
    case 'text':
    case 'other':
      return { text: content.text };
    case 'location': {
      const { label, latitude, longitude } = content;
      const map = `https://www.google.com/maps/search/?api=1&query=${latitude},${longitude}`;
      return { text: label ? `${label} ${map}` : map };
    }
    case 'file':
      return fileBody(content);
  }
}

function fileBody(file: MessageContent & { kind: 'file' }) {
  if (!('url' in file.source)) {
    throw new VendorError('unsupported', 'Business Messages: a file needs a URL that end users can open');
  }
  const asText = contentAsText(file);
  const { caption, name = 'image', source } = file;
  if (!isShown(file, source.url) || (caption?.length ?? 0) > MAX_CARD_DESCRIPTION) return { text: asText };
  const contentInfo = { fileUrl: source.url, altText: caption ?? name, forceRefresh: false };
  if (!caption) return { image: { contentInfo }, fallback: asText };
  // An image alone carries no caption; a card does.
  const cardContent = { description: caption, media: { height: 'MEDIUM', contentInfo } };
  return { richCard: { standaloneCard: { cardContent } }, fallback: asText };
}

function isShown({ media, mimeType, name }: MessageContent & { kind: 'file' }, url: string): boolean {
  if (media !== 'image') return false;
  if (mimeType) return SHOWN_TYPES.includes(mimeType.toLowerCase());
  return SHOWN_NAMES.test(name ?? new URL(url).pathname);
}

/** The platform's id for something of ours, the same at every attempt, in the form of a UUID. */
export function derivedId(...parts: string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
