import { invalidConversationId } from '../../domain/ids';
import type { PlatformWebhook } from '../platform';
import { WebhookError } from '../shared/errors';
import type { Http } from '../shared/http';
import { parseJsonBody } from '../shared/parse';
import type { WebhookRequest } from '../shared/webhook-request';
import { contentOf, toContent } from './content';
import { readConversation } from './conversation';
import { unless } from './http';
import { authorOf, findMessage, replyAddress } from './messages';
import { message as messageSchema, parseTime, timeOf, webhookEvent, type Message } from './model';

type Verify = 'none' | 'read-back';
type Ignored = 'echo' | 'unknown-type' | 'unverified' | 'invalid-id';
type Found = PlatformWebhook['events'][number]['event'] | Ignored;

/** One thing a webhook says, whichever of the two ways of subscribing it came by. */
interface Notice {
  type?: string;
  at?: string;
  conversationId?: string;
  status?: string;
  message?: Message;
  /** The end user's name. */
  author?: string;
  /** Infobip's agent the conversation is assigned to. */
  agentId?: string;
}

/** Takes one event or a list of them; with `read-back` nothing counts that Infobip itself does not confirm. */
export async function parseWebhook(http: Http, verify: Verify, request: WebhookRequest): Promise<PlatformWebhook> {
  const webhook: PlatformWebhook = { events: [], presence: [], ignored: [] };
  for (const notice of objectsOf(parseJsonBody(request.rawBody)).map(toNotice)) {
    const { conversationId } = notice;
    const invalid = conversationId !== undefined && invalidConversationId(conversationId) !== undefined;
    const found = invalid ? 'invalid-id' : await interpret(http, verify, notice);
    if (!invalid) webhook.about ??= conversationId;
    if (typeof found === 'string') webhook.ignored.push(found);
    else if (conversationId !== undefined) webhook.events.push({ conversationId, event: found });
  }
  return webhook;
}

function objectsOf(body: unknown): object[] {
  const items: unknown[] = Array.isArray(body) ? body : [body];
  if (!items.every(isObject))
    throw new WebhookError('malformed', 'the body is neither an object nor a list of objects');
  return items;
}

function isObject(item: unknown): item is object {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}

function toNotice(item: object): Notice {
  const event = webhookEvent.safeParse(item);
  if (event.success) {
    const { type, timestamp, payload } = event.data;
    const { assignee, customer, message } = payload;
    return {
      type,
      at: parseTime(timestamp),
      conversationId: message?.conversationId ?? payload.id,
      status: payload.status,
      message: message && { ...message, direction: message.direction ?? payload.direction },
      author: customer?.name,
      agentId: ['AGENT', 'SUPERVISOR'].includes(assignee?.role ?? '') ? assignee?.id : undefined,
    };
  }
  // By account configuration the message itself comes, with nothing around it.
  const message = messageSchema.safeParse(item).data;
  if (!message?.conversationId) return {};
  return { type: 'INBOUND_MESSAGE', conversationId: message.conversationId, message };
}

function interpret(http: Http, verify: Verify, notice: Notice): Found | Promise<Found> {
  switch (notice.type) {
    case 'INBOUND_MESSAGE':
    case 'CONVERSATION_MESSAGE_RECEIVED': // what the same event is called when subscribing to it
      return notice.message?.direction === 'OUTBOUND' ? 'echo' : inbound(http, verify, notice);
    case 'OUTBOUND_MESSAGE':
      return 'echo';
    case 'CONVERSATION_STATUS_UPDATED':
      return notice.status === 'CLOSED' ? closed(http, verify, notice) : 'unknown-type';
    default:
      return 'unknown-type';
  }
}

/** Webhooks leave out a message's type, and may leave out its content: what they do not say is read. */
async function inbound(http: Http, verify: Verify, notice: Notice): Promise<Found> {
  const { conversationId, message } = notice;
  if (!conversationId || !message)
    throw new WebhookError('malformed', 'an inbound message lacks its id or its conversation');
  // With `read-back` no more than the two ids is used of what the webhook claims. Who the conversation is assigned to
  // then comes to light at the first answer, which Infobip refuses in any other name.
  const claim = verify === 'none' ? notice : undefined;
  const claimed = claim && toContent(message.contentType, message.content);
  const source = claimed ? message : await findMessage(http, conversationId, message.id);
  if (!source || (source !== message && authorOf(source) !== 'end-user')) return 'unverified';
  const author = claim?.author ?? source.socialContext?.username;
  return {
    type: 'inbound',
    message: {
      id: message.id,
      at: timeOf(source, claim?.at),
      ...(author && { author }),
      content: claimed ?? contentOf(source),
      replyTo: replyAddress(source, claim?.agentId),
    },
  };
}

async function closed(http: Http, verify: Verify, { conversationId, at }: Notice): Promise<Found> {
  if (!conversationId) throw new WebhookError('malformed', 'a change of status lacks its conversation');
  if (verify === 'none') return conversationClosed(conversationId, at);
  const found = await unless('not-found', undefined, () => readConversation(http, conversationId));
  if (found?.status !== 'CLOSED') return 'unverified';
  return conversationClosed(conversationId, parseTime(found.closedAt) ?? parseTime(found.updatedAt));
}

/** Its id is the same at every delivery. */
function conversationClosed(conversationId: string, at = new Date().toISOString()): Found {
  return { type: 'conversation-closed', id: `closed:${conversationId}:${at}`, at };
}
