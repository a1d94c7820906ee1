import { Router } from 'express';
import { z } from 'zod';
import { badRequest, invalidFields, unknownTag } from './errors';
import type { Tag } from './model';
import { one, pageOf, type SortKeys } from './query';
import { formatTime, renderTag } from './render';
import { findConversation, findOpenConversation, parseBody, success, type Scope } from './scope';

const MAX_NAME = 100;
/** As published: letters, digits, dot and underscore; the published example has a space as well. */
const NAME = /^[A-Za-z0-9._ ]+$/;

const sortKeys: SortKeys<Tag> = {
  id: ({ id }) => id,
  name: ({ name }) => name,
  createdAt: ({ createdAt }) => createdAt,
  updatedAt: ({ updatedAt }) => updatedAt,
};

/** The account's tags; with `conversationId` the list is that conversation's. */
export function tagRoutes(scope: Scope): Router {
  const { store, unknownIdStatus } = scope;
  const router = Router();
  router.get('/', (req, res) => {
    const conversationId = one(req.query, 'conversationId');
    const name = one(req.query, 'name');
    const conversation = conversationId === undefined ? undefined : findConversation(scope, conversationId);
    const found = [...store.tags.values()].filter(
      (tag) => (!conversation || conversation.tags.has(tag.name)) && (name === undefined || name === tag.name),
    );
    res.json(pageOf(req.query, 'tags', found, sortKeys, renderTag));
  });
  router.post('/', (req, res) => {
    const name = parseName(req.body, 'name');
    if (store.tags.has(name)) throw badRequest('Tag already exists.');
    res.json({ name, createdAt: formatTime(store.createTag(name).createdAt) });
  });
  router.delete('/:name', (req, res) => {
    const { name } = req.params;
    if (!store.tags.has(name)) throw unknownTag(unknownIdStatus, name);
    store.deleteTag(name);
    res.json(success('Tag deleted successfully.'));
  });
  return router;
}

/** A tag has to exist before a conversation can have it. */
export function conversationTagRoutes(scope: Scope): Router {
  const { store, unknownIdStatus } = scope;
  const router = Router();
  router.post('/:id/tags', (req, res) => {
    const tagName = parseName(req.body, 'tagName');
    const { tags } = findOpenConversation(scope, req.params.id);
    if (!store.tags.has(tagName)) throw unknownTag(unknownIdStatus, tagName);
    tags.add(tagName);
    res.json(success('Tag added to conversation successfully.'));
  });
  router.delete('/:id/tags/:name', (req, res) => {
    const { id, name } = req.params;
    const { tags } = findOpenConversation(scope, id);
    if (!tags.delete(name)) throw unknownTag(unknownIdStatus, name);
    res.json(success('Tag removed successfully.'));
  });
  return router;
}

function parseName(body: unknown, field: 'name' | 'tagName'): string {
  const value = parseBody(z.record(z.string(), z.unknown()), body)[field];
  if (typeof value !== 'string' || value.trim() === '') throw invalidFields({ [field]: ['must not be blank'] });
  if (value.length > MAX_NAME) throw invalidFields({ [field]: [`size must be between 0 and ${MAX_NAME}`] });
  if (!NAME.test(value)) throw invalidFields({ [field]: ['has characters that are not allowed'] });
  return value;
}
