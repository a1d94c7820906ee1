import { WebhookError } from '../shared/errors';
import type { Http } from '../shared/http';
import type { PlatformWebhook, WebhookRequest } from '../platform';
import { contentOf, toContent } from './content';
import { isClosed } from './conversation';
import { findMessage, replyAddress } from './messages';
import { message as messageSchema, parseTime, timeOf, webhookEvent, type Message } from './model';

type Verify = 'none' | 'read-back';
type Found = PlatformWebhook['events'][number]['event'] | 'echo' | 'unknown-type' | 'unverified';

/** One thing a webhook says, whichever of the two ways of subscribing it came by. */
interface Notice {
  type?: string;
  at?: string;
  conversationId?: string;
  status?: string;
  message?: Message;
  /** Infobip's agent the conversation is assigned to. */
  agentId?: string;
}

/** Takes one event or a list of them; with `read-back` nothing counts that Infobip itself does not confirm. */
export async function parseWebhook(http: Http, verify: Verify, request: WebhookRequest): Promise<PlatformWebhook> {
  const webhook: PlatformWebhook = { events: [], presence: [], ignored: [] };
  for (const notice of parseBody(request.rawBody).map(toNotice)) {
    const { conversationId } = notice;
    webhook.about ??= conversationId;
    const found = await interpret(http, verify, notice);
    if (typeof found === 'string') webhook.ignored.push(found);
    else if (conversationId !== undefined) webhook.events.push({ conversationId, event: found });
  }
  return webhook;
}

function parseBody(rawBody: Buffer): object[] {
  let body: unknown;
  try {
    body = JSON.parse(rawBody.toString('utf8'));
  } catch {
    throw new WebhookError('malformed', 'the body is not JSON');
  }
  const items: unknown[] = Array.isArray(body) ? body : [body];
  if (!items.every(isObject)) throw new WebhookError('malformed', 'the body is no object and no list of objects');
  return items;
}

function isObject(item: unknown): item is object {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}

function toNotice(item: object): Notice {
  const event = webhookEvent.safeParse(item);
  if (event.success) {
    const { type, timestamp, payload } = event.data;
    const { assignee, message } = payload;
    return {
      type,
      at: parseTime(timestamp),
      conversationId: message?.conversationId ?? payload.id,
      status: payload.status,
      message: message && { ...message, direction: message.direction ?? payload.direction },
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

/** Webhooks leave out a message's type, and may leave out its content: what cannot be told from them is read. */
async function inbound(http: Http, verify: Verify, { conversationId, message, agentId, at }: Notice): Promise<Found> {
  if (!conversationId || !message)
    throw new WebhookError('malformed', 'an inbound message lacks its id or its conversation');
  const claimed = verify === 'none' ? toContent(message.contentType, message.content) : undefined;
  const source = claimed ? message : await findMessage(http, conversationId, message.id);
  if (!source || source.direction === 'OUTBOUND') return 'unverified';
  return {
    type: 'inbound',
    message: {
      id: message.id,
      at: timeOf(source, at),
      content: claimed ?? contentOf(source),
      replyTo: replyAddress(source, agentId),
    },
  };
}

async function closed(http: Http, verify: Verify, { conversationId, at }: Notice): Promise<Found> {
  if (!conversationId) throw new WebhookError('malformed', 'a change of status lacks its conversation');
  if (verify === 'read-back' && !(await isClosed(http, conversationId))) return 'unverified';
  const moment = at ?? new Date().toISOString();
  return { type: 'conversation-closed', id: `closed:${conversationId}:${moment}`, at: moment };
}
