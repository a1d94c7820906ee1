import { Router } from 'express';
import { z } from 'zod';
import { unknownId } from './errors';
import { DEFAULT_FIELDS, PRIORITIES, STATUSES, type Conversation } from './model';
import { between, many, one, oneOf, pageOf, type SortKeys } from './query';
import { renderConversation } from './render';
import { findConversation, findOpenConversation, parseBody, type Scope } from './scope';
import { AGENTS } from './store';

const fields = z.object({
  topic: z.string().max(1000).nullable().optional(),
  summary: z.string().max(4000).nullable().optional(),
  status: z.enum(STATUSES).optional(),
  priority: z.enum(PRIORITIES).optional(),
  queueId: z.string().max(255).nullable().optional(),
  agentId: z.string().max(255).nullable().optional(),
});
const assignee = z.object({ agentId: z.string().min(1).max(255) });

const sortKeys: SortKeys<Conversation> = {
  id: ({ id }) => id,
  createdAt: ({ createdAt }) => createdAt,
  updatedAt: ({ updatedAt }) => updatedAt,
  closedAt: ({ closedAt }) => closedAt ?? 0,
};

/** Create, list, read, update, assign and route conversations. */
export function conversationRoutes(scope: Scope): Router {
  const { store } = scope;
  const router = Router();
  router.get('/', (req, res) => {
    const found = [...store.conversations.values()].filter(matcher(req.query));
    res.json(pageOf(req.query, 'conversations', found, sortKeys, renderConversation));
  });
  router.post('/', (req, res) => {
    res.json(renderConversation(store.create(withoutGaps(parseBody(fields, req.body)))));
  });
  router.get('/:id', (req, res) => {
    res.json(renderConversation(findConversation(scope, req.params.id)));
  });
  // What a PUT leaves out goes back to its default.
  router.put('/:id', (req, res) => {
    const change = { ...DEFAULT_FIELDS, ...withoutGaps(parseBody(fields, req.body)) };
    const conversation = findOpenConversation(scope, req.params.id);
    store.change(conversation, change);
    res.json(renderConversation(conversation));
  });
  router.patch('/:id', (req, res) => {
    const change = withoutGaps(parseBody(fields, req.body));
    const conversation = findOpenConversation(scope, req.params.id);
    store.change(conversation, change);
    res.json(renderConversation(conversation));
  });
  router.put('/:id/assignee', (req, res) => {
    const { agentId } = parseBody(assignee, req.body);
    const conversation = findOpenConversation(scope, req.params.id);
    if (!AGENTS.some(({ id }) => id === agentId)) throw unknownId(scope.unknownIdStatus, agentId);
    store.change(conversation, { agentId });
    conversation.bot = 'paused'; // an agent takes over from the bot
    res.json(renderConversation(conversation));
  });
  router.delete('/:id/assignee', (req, res) => {
    const conversation = findOpenConversation(scope, req.params.id);
    store.change(conversation, { agentId: null });
    res.json(renderConversation(conversation));
  });
  return router;
}

function matcher(query: Parameters<typeof many>[0]): (conversation: Conversation) => boolean {
  const ids = many(query, 'conversationIds');
  const queueIds = many(query, 'queueIds');
  const tagNames = many(query, 'tagNames');
  const agentId = one(query, 'agentId');
  const status = oneOf(query, 'status', STATUSES);
  const priority = oneOf(query, 'priority', PRIORITIES);
  const [created, updated, closed] = [between(query, 'created'), between(query, 'updated'), between(query, 'closed')];
  return (conversation) =>
    (!ids || ids.includes(conversation.id)) &&
    (!queueIds || queueIds.includes(conversation.queueId ?? '')) &&
    (!tagNames || tagNames.some((name) => conversation.tags.has(name))) &&
    (agentId === undefined || agentId === conversation.agentId) &&
    (!status || status === conversation.status) &&
    (!priority || priority === conversation.priority) &&
    created(conversation.createdAt) &&
    updated(conversation.updatedAt) &&
    closed(conversation.closedAt);
}

/** Without the keys whose value is undefined, which would overwrite what they are spread over. */
function withoutGaps<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
