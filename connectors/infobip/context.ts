import { z } from 'zod';
import type { Customer } from '../../domain/handoff';
import { PRIORITIES, type Priority } from '../../domain/routing';
import type { ConversationContext } from '../platform';
import type { Http } from '../shared/http';
import { readConversation } from './conversation';
import { ask, unless } from './http';
import { MAX_PAGE } from './limits';
import { conversationUrl, readLastInbound, replyAddress } from './messages';
import { tag, type Message } from './model';
import { readPage, readPages } from './paging';

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

/** The values as strings; lists and objects as JSON. A conversation without metadata may answer NOT_FOUND. */
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

/** All that Infobip says of an end user here: the address they write from, and their name on a social network. */
function customerOf({ channel = '', from = '', socialContext }: Message): Customer | undefined {
  const customer: Customer = {};
  if (socialContext?.username) customer.name = socialContext.username;
  if (PHONE_CHANNELS.includes(channel) && /^\+?\d{6,15}$/.test(from)) customer.phone = from;
  if (channel === 'EMAIL' && from.includes('@')) customer.email = from;
  return Object.keys(customer).length > 0 ? customer : undefined;
}
