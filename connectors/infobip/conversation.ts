import { z } from 'zod';
import type { CaseRef } from '../../domain/handoff';
import { VendorError } from '../shared/errors';
import type { Http } from '../shared/http';
import { ask, unless } from './http';
import { MAX_PAGE } from './limits';
import { conversationUrl } from './messages';
import { conversation, queryTime, type Conversation } from './model';
import { readPage } from './paging';

export function readConversation(http: Http, conversationId: string): Promise<Conversation> {
  return ask(http, 'get conversation', { url: conversationUrl(conversationId) }, conversation);
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

/** Accepted is not closed: whoever closes asks {@link isClosed} afterwards. */
export async function close(http: Http, conversationId: string): Promise<void> {
  const config = { method: 'PATCH', url: conversationUrl(conversationId), data: { status: 'CLOSED' } };
  await unless('conversation-closed', undefined, () => http.request('close conversation', config));
}

export async function isClosed(http: Http, conversationId: string): Promise<boolean> {
  return (await readConversation(http, conversationId)).status === 'CLOSED';
}

const LISTING = { url: '/ccaas/1/conversations', key: 'conversations', item: z.object({ id: z.string() }) };

/** About more conversations than this Infobip is not asked by their ids: these have to fit into a URL. */
const MOST_IDS = 50;
/** So many pages at most of what changed in the whole account. */
const MOST_PAGES = 5;

/**
 * By the conversations' `updatedAt`, which Infobip does not promise to move with each message. Asked of the whole
 * account where many are open, so that the cost follows what changed.
 */
export async function changedSince(http: Http, conversationIds: string[], since: string): Promise<string[]> {
  if (conversationIds.length === 0) return [];
  // Whether `updatedAfter` includes its moment is not known.
  const updatedAfter = queryTime(Date.parse(since) - 1);
  const few = conversationIds.length <= MOST_IDS;
  const parameters = few ? { conversationIds, updatedAfter } : { updatedAfter };
  const changed = new Set<string>();
  for (let page = 0; page < (few ? 1 : MOST_PAGES); page++) {
    const listed = await readPage(http, 'get conversations', LISTING, { ...parameters, page });
    for (const { id } of listed.items) changed.add(id);
    if (listed.items.length + listed.unreadable.length < listed.size) break;
  }
  return conversationIds.filter((id) => changed.has(id));
}

/** All but CLOSED; a filter takes one at a time. */
const OPEN_STATUSES = ['OPEN', 'WAITING', 'SOLVED'];

/** Conversations that were handed over and are not closed, oldest first for each status. */
export async function listOpen(http: Http, linkTag: string, limit: number): Promise<{ conversationId: string }[]> {
  const found = new Set<string>();
  for (const status of OPEN_STATUSES) {
    for (let page = 0; found.size < limit; page++) {
      const parameters = { tagNames: [linkTag], status, orderBy: 'createdAt:asc', page };
      // Before the first link there is no such tag.
      const listed = await unless('not-found', undefined, () =>
        readPage(http, 'get conversations', LISTING, { ...parameters, limit: MAX_PAGE }),
      );
      const before = found.size;
      for (const { id } of listed?.items ?? []) found.add(id);
      const full = listed !== undefined && listed.items.length + listed.unreadable.length >= listed.size;
      if (!full || found.size === before) break;
    }
  }
  return [...found].slice(0, limit).map((conversationId) => ({ conversationId }));
}
