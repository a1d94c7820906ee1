import { contentAsText, type MessageContent } from '../../domain/message';
import type { OutgoingMessage } from '../platform';
import type { Http } from '../shared/http';
import { contentOf, type OutgoingContent } from './content';
import { readOutbound } from './messages';
import { parseTime, type Message } from './model';

/** How much earlier than the first attempt a message is looked for: Infobip's clock is not ours. */
const OVERLAP_MS = 60_000;

/** What an attempt with unknown end may have left in the conversation. Each message counts for one part only. */
export interface AlreadySent {
  /** The platform's id of the earliest message that says the same, which is then used up. */
  take(part: OutgoingContent): string | undefined;
}

/**
 * Infobip keeps no id of ours, so a message is recognized by what it says: among those to the end user that were
 * written as we write, in the time of our attempts, and that are not known to be another of our messages.
 *
 * What stays open: where an attempt failed without effect, and in the same window someone else writes the very same as
 * an agent does (a person in Infobip's own agent view, another integration), that message counts as ours. The end user
 * then has read these words once, and not never. And what Infobip lists only after it has been read back is sent twice.
 */
export async function alreadySent(
  http: Http,
  conversationId: string,
  { since, knownIds }: NonNullable<OutgoingMessage['readBack']>,
): Promise<AlreadySent> {
  const after = Date.parse(since) - OVERLAP_MS;
  const taken = new Set(knownIds);
  const sent = (await readOutbound(http, conversationId, after)).filter((one) => mayBeOurs(one, after));
  return {
    take(part) {
      const found = sent.find((candidate) => !taken.has(candidate.id) && identity(candidate) === identity(part));
      if (found) taken.add(found.id);
      return found?.id;
    },
  };
}

/**
 * What the API creates is an agent's or names no author at all; the dialog's own turns are by BOT and SYSTEM, and they
 * often say what we say.
 */
function mayBeOurs({ direction, authorType = 'AGENT', createdAt }: Message, after: number): boolean {
  const at = parseTime(createdAt);
  return direction !== 'INBOUND' && authorType === 'AGENT' && (at === undefined || Date.parse(at) >= after);
}

/** The same for a message as sent and as read back, though Infobip adds fields and may trim texts. */
function identity(message: Pick<Message, 'contentType' | 'content'>): string {
  const content = contentOf(message);
  if (content.kind !== 'file') return JSON.stringify([content.kind, contentAsText(content).trim()]);
  return JSON.stringify([content.kind, content.media, stableName(content.source), content.caption?.trim() ?? '']);
}

/**
 * A file's URL without what differs from link to link: the query, and in links of our own (`/media/{token}/{name}`) all
 * but the name, which is made of the message's id.
 */
function stableName(source: Extract<MessageContent, { kind: 'file' }>['source']): string {
  if (!('url' in source) || !URL.canParse(source.url)) return '';
  const { origin, pathname } = new URL(source.url);
  const parts = pathname.split('/');
  return parts.at(-3) === 'media' ? parts.at(-1)! : origin + pathname;
}
