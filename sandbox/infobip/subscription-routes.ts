import { Router, type Request } from 'express';
import { z } from 'zod';
import { badRequest, invalidFields, notFound } from './errors';
import { one } from './query';
import { parseBody, success } from './scope';
import {
  newProfileSchema,
  newSubscriptionSchema,
  profileChangeSchema,
  subscriptionChangeSchema,
  type Subscriptions,
} from './subscriptions';

const CHANNEL = 'CUSTOMER_ENGAGEMENT';
const configuration = z.object({ webhookUrl: z.string().max(255) });

/** The deprecated single webhook of the account. It can be set and never read. */
export function accountRoutes(subscriptions: Subscriptions): Router {
  const router = Router();
  router.put('/configuration', (req, res) => {
    subscriptions.accountWebhookUrl = parseBody(configuration, req.body).webhookUrl;
    res.json(success('Account configuration successfully updated.'));
  });
  return router;
}

/** The Subscriptions API for this product's channel, and its notification profiles. */
export function subscriptionRoutes(state: Subscriptions): Router {
  const router = Router();
  router.param('channel', (_req, _res, next, channel) => {
    if (channel !== CHANNEL) throw badRequest('Bad request');
    next();
  });
  router.get('/subscription/:channel', (req, res) => {
    res.json(pageOf(req.query, [...state.subscriptions.keys()].map((id) => renderSubscription(state, id)).reverse()));
  });
  router.post('/subscription/:channel', (req, res) => {
    const created = parseFields(newSubscriptionSchema, req.body);
    state.create(created);
    const { subscriptionId } = created;
    res.location(`/subscriptions/1/subscription/${CHANNEL}/${subscriptionId}`);
    res.status(201).json(renderIds(state, subscriptionId));
  });
  router.get('/subscription/:channel/:id', (req, res) => {
    res.json(renderSubscription(state, req.params.id));
  });
  router.put('/subscription/:channel/:id', (req, res) => {
    state.change(req.params.id, parseFields(subscriptionChangeSchema, req.body));
    res.json(renderIds(state, req.params.id));
  });
  router.delete('/subscription/:channel/:id', (req, res) => {
    const gone = renderIds(state, req.params.id);
    state.subscriptions.delete(req.params.id);
    res.json(gone);
  });
  addProfileRoutes(router, state);
  return router;
}

function addProfileRoutes(router: Router, state: Subscriptions): void {
  router.get('/profiles', (req, res) => {
    res.json(pageOf(req.query, [...state.profiles.values()].reverse()));
  });
  router.post('/profiles', (req, res) => {
    const created = parseFields(newProfileSchema, req.body);
    state.createProfile(created);
    res.location(`/subscriptions/1/profiles/${created.profileId}`);
    res.status(201).json(renderProfileIds(state, created.profileId));
  });
  router.get('/profiles/:id', (req, res) => {
    res.json(findProfile(state, req.params.id));
  });
  router.put('/profiles/:id', (req, res) => {
    state.changeProfile(req.params.id, parseFields(profileChangeSchema, req.body));
    res.json(renderProfileIds(state, req.params.id));
  });
  router.delete('/profiles/:id', (req, res) => {
    const gone = renderProfileIds(state, req.params.id);
    if ([...state.subscriptions.values()].some(({ profileId }) => profileId === req.params.id)) {
      throw invalidFields({ profileId: ['is used by a subscription'] });
    }
    state.profiles.delete(req.params.id);
    res.json(gone);
  });
}

function findSubscription(state: Subscriptions, id: string) {
  const found = state.subscriptions.get(id);
  if (!found) throw notFound();
  return found;
}

function findProfile(state: Subscriptions, id: string) {
  const found = state.profiles.get(id);
  if (!found) throw notFound();
  return found;
}

function renderProfileIds(state: Subscriptions, id: string) {
  const { profileId, security } = findProfile(state, id);
  return { profileId, security };
}

/** A subscription shows its profile's ids, never its webhook. */
function renderSubscription(state: Subscriptions, id: string) {
  const { profileId, ...rest } = findSubscription(state, id);
  return { ...rest, profile: renderProfileIds(state, profileId) };
}

function renderIds(state: Subscriptions, id: string) {
  const { subscriptionId, profile } = renderSubscription(state, id);
  return { subscriptionId, profile };
}

function parseFields<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalidFields(
    Object.fromEntries(parsed.error.issues.map(({ path, message }) => [path.join('.') || 'body', [message]])),
  );
}

/** This API pages in its own way: `size` of at most 100, latest first, `results` and `paging`. */
function pageOf<T>(query: Request['query'], newestFirst: T[]) {
  const page = Number(one(query, 'page') ?? 0);
  const size = Number(one(query, 'size') ?? 20);
  if (!Number.isInteger(page) || page < 0) throw invalidFields({ page: ['must be greater than or equal to 0'] });
  if (!Number.isInteger(size) || size < 1 || size > 100) throw invalidFields({ size: ['must be between 1 and 100'] });
  const totalResults = newestFirst.length;
  return {
    results: newestFirst.slice(page * size, (page + 1) * size),
    paging: { page, size, totalPages: Math.ceil(totalResults / size), totalResults },
  };
}
