import { Router, type RequestHandler } from 'express';
import { z } from 'zod';
import { badRequest, invalidBody, invalidFields } from './errors';
import {
  CHANNELS,
  CONTENT_TYPES,
  SYSTEM,
  TYPING_CHANNELS,
  type Conversation,
  type Invoker,
  type Message,
} from './model';
import { between, many, oneOf, pageOf, type SortKeys } from './query';
import { renderMessage } from './render';
import { findConversation, findOpenConversation, parseBody, type Scope } from './scope';
import { AGENTS } from './store';

const MAX_TEXT = 4096;
const BLANK = 'must not be blank';

const text = z.object({ text: z.string() });
const media = z.object({ url: z.url() });
const location = z.object({ longitude: z.number(), latitude: z.number() });
const contentShapes: Partial<Record<(typeof CONTENT_TYPES)[number], z.ZodType>> = {
  TEXT: text,
  IMAGE: media,
  VIDEO: media,
  DOCUMENT: media,
  AUDIO: media,
  LOCATION: location,
};

const newMessage = z.object({
  channel: z.enum(CHANNELS),
  from: z.string(),
  to: z.string(),
  contentType: z.enum(CONTENT_TYPES),
  content: z.record(z.string(), z.unknown()),
});
const typingEvent = z.object({
  from: z.string().min(1),
  to: z.string().min(1),
  type: z.enum(['TYPING_STARTED', 'TYPING_STOPPED']),
  channel: z.string().min(1),
});

const sortKeys: SortKeys<Message> = {
  id: ({ id }) => id,
  createdAt: ({ createdAt }) => createdAt,
  updatedAt: ({ updatedAt }) => updatedAt,
};

/** Messages and typing events of a conversation; `limitReads` guards the one operation with a published limit. */
export function messageRoutes(scope: Scope, limitReads: RequestHandler): Router {
  const router = Router();
  router.get('/:id/messages', limitReads);
  router.get('/:id/messages', (req, res) => {
    const { messages } = findConversation(scope, req.params.id);
    const found = messages.filter(matcher(req.query));
    res.json(pageOf(req.query, 'messages', found, sortKeys, renderMessage));
  });
  router.post('/:id/messages', (req, res) => {
    const message = parseMessage(req.body);
    const conversation = findOpenConversation(scope, req.params.id);
    const invoker = senderOf(conversation, req.get('x-agent-id'));
    checkAddress(conversation, message);
    const author = invoker.type === 'AGENT' ? { authorId: invoker.id, authorType: 'AGENT' as const } : {};
    const sent = scope.store.append(conversation, { ...message, direction: 'OUTBOUND', ...author }, invoker);
    res.json(renderMessage(sent));
  });
  router.post('/:id/events', (req, res) => {
    const event = parseBody(typingEvent, req.body);
    const conversation = findConversation(scope, req.params.id);
    if (!TYPING_CHANNELS.includes(event.channel)) throw badRequest('Channel is not supported for provided event type');
    conversation.typing = event.type === 'TYPING_STARTED';
    res.status(200).end();
  });
  return router;
}

function matcher(query: Parameters<typeof many>[0]): (message: Message) => boolean {
  const ids = many(query, 'messageIds');
  const channel = oneOf(query, 'channel', CHANNELS);
  const direction = oneOf(query, 'direction', ['INBOUND', 'OUTBOUND']);
  const created = between(query, 'created');
  return (message) =>
    (!ids || ids.includes(message.id)) &&
    (!channel || channel === message.channel) &&
    (!direction || direction === message.direction) &&
    created(message.createdAt);
}

function parseMessage(body: unknown): z.output<typeof newMessage> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalidBody();
  const given = body as Record<string, unknown>;
  const blank = Object.keys(newMessage.shape).filter((field) => isBlank(given[field]));
  if (blank.length > 0) throw invalidFields(Object.fromEntries(blank.map((field) => [field, [BLANK]])));
  const message = parseBody(newMessage, body);
  const shape = contentShapes[message.contentType];
  if (shape && !shape.safeParse(message.content).success) throw invalidBody();
  const { text: written } = message.content;
  if (typeof written === 'string' && written.length > MAX_TEXT) {
    throw invalidFields({ content: [`size cannot be longer than ${MAX_TEXT} characters.`] });
  }
  return message;
}

/** Missing, empty, or a content whose text is empty. */
function isBlank(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return value.trim() === '';
  if (typeof value !== 'object') return false;
  return Object.keys(value).length === 0 || ('text' in value && isBlank(value.text));
}

/** Who sends: an assigned conversation takes messages of a known agent only. */
function senderOf(conversation: Conversation, agentId: string | undefined): Invoker {
  if (agentId === undefined) {
    if (conversation.agentId !== null) throw badRequest('Header x-agent-id is required for an assigned conversation.');
    return SYSTEM;
  }
  const agent = AGENTS.find(({ id }) => id === agentId);
  if (!agent) throw badRequest(`Invalid agent id given '${agentId}'`);
  return { type: 'AGENT', id: agent.id, name: agent.displayName };
}

/**
 * Addresses are not inferred: a message whose `from` and `to` were not swapped would go to the business itself. The
 * real answer to that is not published; a refusal shows the mistake at once.
 */
function checkAddress({ customer }: Conversation, { from, to }: { from: string; to: string }): void {
  if (!customer) return;
  if (to !== customer.address) throw invalidFields({ to: ['is not the address of the conversation'] });
  if (from !== customer.sender) throw invalidFields({ from: ['is not a sender of the conversation'] });
}
