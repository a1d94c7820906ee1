import { z } from 'zod';
import type { CaseRef, Customer } from '../../domain/handoff';
import { PRIORITIES, type Priority } from '../../domain/routing';
import { VendorError, type VendorErrorKind } from '../shared/errors';
import type { Http } from '../shared/http';
import type { ConversationContext } from '../platform';
import { ask } from './http';
import { conversationUrl, readLastInbound, replyAddress } from './messages';
import { conversation, queryTime, tag, type Conversation, type Message } from './model';
import { MAX_PAGE, readPage, readPages } from './paging';

export function readConversation(http: Http, conversationId: string): Promise<Conversation> {
  return ask(http, 'get conversation', { url: conversationUrl(conversationId) }, conversation);
}

/** Tags and metadata are how the bot says where a conversation belongs; its metadata goes before the platform's fields. */
export async function readContext(http: Http, conversationId: string): Promise<ConversationContext> {
  const { priority, queueId, agentId } = await readConversation(http, conversationId);
  const [tags, attributes, inbound] = await Promise.all([
    readTags(http, conversationId),
    readMetadata(http, conversationId),
    readLastInbound(http, conversationId),
  ]);
  return {
    tags,
    attributes,
    language: attributes.language,
    queue: attributes.queue ?? queueId,
    priority: asPriority(attributes.priority) ?? asPriority(priority),
    replyTo: replyAddress(inbound, agentId),
    customer: inbound && customerOf(inbound),
  };
}

async function readTags(http: Http, conversationId: string): Promise<string[]> {
  const listing = { url: '/ccaas/1/tags', key: 'tags', item: tag };
  const tags = await readPages(
    (page) => readPage(http, 'get tags', listing, { conversationId, limit: MAX_PAGE, page }),
    ({ name }) => name,
  );
  return tags.map(({ name }) => name);
}

/** The values as strings; what is no plain value as JSON. A conversation without metadata may answer NOT_FOUND. */
async function readMetadata(http: Http, conversationId: string): Promise<Record<string, string>> {
  const config = { url: `${conversationUrl(conversationId)}/metadata` };
  const metadata = await unless('not-found', {}, () =>
    ask(http, 'get metadata', config, z.record(z.string(), z.unknown()).catch({})),
  );
  const pairs = Object.entries(metadata).filter(([, value]) => value !== null);
  return Object.fromEntries(
    pairs.map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

function asPriority(text: string | undefined): Priority | undefined {
  return PRIORITIES.find((priority) => priority === text?.toUpperCase());
}

const PHONE_CHANNELS = ['SMS', 'WHATSAPP', 'RCS', 'VIBER'];

/** All that Infobip tells of an end user here is the address they write from. */
function customerOf({ channel = '', from = '' }: Message): Customer | undefined {
  if (PHONE_CHANNELS.includes(channel) && /^\+?\d{6,15}$/.test(from)) return { phone: from };
  if (channel === 'EMAIL' && from.includes('@')) return { email: from };
  return undefined;
}

interface Link {
  handoffId: string;
  contactCenter: string;
  case: CaseRef;
}

/** Notes the case in the metadata, and in a tag that people can filter by. */
export async function link(http: Http, linkTag: string | null, conversationId: string, to: Link): Promise<void> {
  const url = conversationUrl(conversationId);
  const metadata = {
    handoffId: to.handoffId,
    handoffContactCenter: to.contactCenter,
    handoffCase: to.case.id,
    ...(to.case.url && { handoffCaseUrl: to.case.url }),
  };
  await http.request('patch metadata', { method: 'PATCH', url: `${url}/metadata`, data: metadata });
  if (linkTag === null) return;
  await createTag(http, linkTag);
  await http.request('add conversation tag', { method: 'POST', url: `${url}/tags`, data: { tagName: linkTag } });
}

async function createTag(http: Http, name: string): Promise<void> {
  try {
    await http.request('create tag', { method: 'POST', url: '/ccaas/1/tags', data: { name } });
  } catch (error) {
    if (!(error instanceof VendorError && /tag already exists/i.test(error.message))) throw error;
  }
}

/** Closes and makes sure of it, since a bot whose conversation stays open never hears its end user again. */
export async function close(http: Http, conversationId: string): Promise<void> {
  const config = { method: 'PATCH', url: conversationUrl(conversationId), data: { status: 'CLOSED' } };
  const gone = await unless('not-found', true, async () => {
    await unless('conversation-closed', undefined, () => http.request('close conversation', config));
    return false;
  });
  if (!gone && !(await isClosed(http, conversationId)))
    throw new VendorError('unavailable', 'Infobip: close conversation was accepted, but it is not closed');
}

/** A conversation that does not exist has nothing left to close. */
export async function isClosed(http: Http, conversationId: string): Promise<boolean> {
  const found = await unless('not-found', undefined, () => readConversation(http, conversationId));
  return found === undefined || found.status === 'CLOSED';
}

/** How many conversations one question is about: their ids have to fit into a URL. */
const BATCH = 50;

/** By the conversations' `updatedAt`, which Infobip does not promise to move with each message. */
export async function changedSince(http: Http, conversationIds: string[], since: string): Promise<string[]> {
  const listing = { url: '/ccaas/1/conversations', key: 'conversations', item: z.object({ id: z.string() }) };
  // Whether `updatedAfter` includes its moment is not known.
  const updatedAfter = queryTime(Date.parse(since) - 1);
  const changed: string[] = [];
  for (let start = 0; start < conversationIds.length; start += BATCH) {
    const parameters = { conversationIds: conversationIds.slice(start, start + BATCH), updatedAfter };
    const { items } = await readPage(http, 'get conversations', listing, parameters);
    changed.push(...items.map(({ id }) => id));
  }
  return changed.filter((id) => conversationIds.includes(id));
}

/** What `attempt` answers, or `otherwise` where the vendor refuses in this way. */
async function unless<T, U>(kind: VendorErrorKind, otherwise: U, attempt: () => Promise<T>): Promise<T | U> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof VendorError && error.kind === kind) return otherwise;
    throw error;
  }
}
