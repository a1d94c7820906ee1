import { invalidConversationId } from '../../domain/ids';
import type { ReplyAddress } from '../../domain/message';
import type { Author, Transcript, TranscriptEntry } from '../../domain/transcript';
import { VendorError } from '../shared/errors';
import type { Http } from '../shared/http';
import type { HistoryQuery } from '../platform';
import { contentOf } from './content';
import { unless, type QueryParameters } from './http';
import { MAX_PAGE } from './limits';
import { message, queryTime, timeOf, type Message } from './model';
import { readPage, readPages } from './paging';

/** Throws where the id is not one that a path may hold. */
export function conversationUrl(conversationId: string): string {
  const invalid = invalidConversationId(conversationId);
  if (invalid) throw new VendorError('rejected', `Infobip: the id of a conversation ${invalid}`);
  return `/ccaas/1/conversations/${encodeURIComponent(conversationId)}`;
}

function messagePage(http: Http, conversationId: string, parameters: QueryParameters) {
  const listing = { url: `${conversationUrl(conversationId)}/messages`, key: 'messages', item: message };
  // Ids are random: without an order of its own the listing would be in theirs.
  return readPage(http, 'get messages', listing, { orderBy: 'createdAt:asc', ...parameters });
}

const AUTHORS: Record<string, Author> = { CUSTOMER: 'end-user', BOT: 'bot', AGENT: 'agent', SYSTEM: 'system' };

/** What the API itself has created may name no author: that is us, for an agent. The bot's messages always name it. */
export function authorOf({ authorType, direction }: Message): Author {
  return AUTHORS[authorType ?? ''] ?? (direction === 'INBOUND' ? 'end-user' : 'agent');
}

/**
 * Infobip does not say whether `createdAfter` includes its moment, so a little more is asked for, and what is too old
 * is dropped here.
 */
const OVERLAP_MS = 1000;

export async function readHistory(
  http: Http,
  conversationId: string,
  { limit = Infinity, since }: HistoryQuery,
): Promise<Transcript> {
  const createdAfter = since && queryTime(Date.parse(since) - OVERLAP_MS);
  const read = (page: number) =>
    messagePage(http, conversationId, { createdAfter, limit: Math.min(limit, MAX_PAGE), page });
  const start = await read(0);
  const surplus = Math.max(0, (start.total ?? 0) - limit);
  const messages = await readPages(
    (page) => (page === 0 ? Promise.resolve(start) : read(page)),
    ({ id }) => id,
    Math.floor(surplus / start.size),
  );
  const entries = messages.map(toEntry).filter(({ at }) => !since || Date.parse(at) >= Date.parse(since));
  const latest = entries.slice(-Math.min(limit, entries.length || 1));
  if (surplus > 0 || latest.length < entries.length) return { entries: latest, gap: 'truncated' };
  return latest.length === 0 && !since ? { entries: [], gap: 'empty' } : { entries: latest };
}

function toEntry(found: Message): TranscriptEntry {
  const author = authorOf(found);
  const name = author === 'end-user' ? found.socialContext?.username : undefined;
  return { id: found.id, at: timeOf(found), author, ...(name && { name }), content: contentOf(found) };
}

/** Messages sent to the end user after a moment, oldest first. */
export function readOutbound(http: Http, conversationId: string, after: number): Promise<Message[]> {
  const parameters = { direction: 'OUTBOUND', createdAfter: queryTime(after) };
  return readPages(
    (page) => messagePage(http, conversationId, { ...parameters, page }),
    ({ id }) => id,
  );
}

export async function readLastInbound(http: Http, conversationId: string): Promise<Message | undefined> {
  // More than one: the latest may be one that cannot be read.
  const parameters = { direction: 'INBOUND', orderBy: 'createdAt:desc', limit: 10 };
  return (await messagePage(http, conversationId, parameters)).items[0];
}

/** One message by its id; undefined where there is no such message or conversation. */
export async function findMessage(http: Http, conversationId: string, id: string): Promise<Message | undefined> {
  const page = await unless('not-found', undefined, () => messagePage(http, conversationId, { messageIds: [id] }));
  return page?.items.find((item) => item.id === id && (item.conversationId ?? conversationId) === conversationId);
}

/**
 * How to answer an inbound message: `from` is who we send as, `to` the end user. `agentId` is Infobip's agent the
 * conversation is assigned to, in whose name the answer has to go.
 */
export function replyAddress(inbound: Message | undefined, agentId?: string): ReplyAddress | undefined {
  if (!inbound?.channel || !inbound.from || !inbound.to) return undefined;
  return { channel: inbound.channel, from: inbound.to, to: inbound.from, ...(agentId && { agentId }) };
}
