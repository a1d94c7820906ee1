import { randomUUID } from 'node:crypto';
import { Router } from 'express';
import { z } from 'zod';
import { unknownId } from './errors';
import type { Note } from './model';
import { pageOf, type SortKeys } from './query';
import { renderNote } from './render';
import { findConversation, parseBody, success, type Scope } from './scope';

/** At least one property; that values are strings is the strictest reading of what is published. */
const metadata = z.record(z.string(), z.string()).refine((properties) => Object.keys(properties).length > 0);
const newNote = z.object({
  content: z.union([
    z.string().min(1).max(4000),
    z.object({ text: z.string().max(4000), attachments: z.array(z.object({ id: z.string() })) }),
  ]),
  type: z.enum(['INTERNAL', 'ATTACHMENT']).default('INTERNAL'),
  agentId: z.string().optional(),
});

const noteSortKeys: SortKeys<Note> = {
  id: ({ id }) => id,
  createdAt: ({ createdAt }) => createdAt,
  updatedAt: ({ updatedAt }) => updatedAt,
};

/** Metadata and notes: what can still be written when a conversation is closed. */
export function contextRoutes(scope: Scope): Router {
  const router = Router();
  router
    .route('/:id/metadata')
    .get((req, res) => {
      res.json(findConversation(scope, req.params.id).metadata);
    })
    .put((req, res) => {
      const properties = parseBody(metadata, req.body);
      findConversation(scope, req.params.id).metadata = properties;
      res.json(success('Metadata added to conversation successfully.'));
    })
    .patch((req, res) => {
      const properties = parseBody(metadata, req.body);
      Object.assign(findConversation(scope, req.params.id).metadata, properties);
      res.json(success('Metadata patch to conversation successfully.'));
    })
    .delete((req, res) => {
      findConversation(scope, req.params.id).metadata = {};
      res.json(success('Metadata deleted successfully.'));
    });
  addNoteRoutes(router, scope);
  return router;
}

function addNoteRoutes(router: Router, scope: Scope): void {
  router.get('/:id/notes', (req, res) => {
    const { notes } = findConversation(scope, req.params.id);
    res.json(pageOf(req.query, 'notes', notes, noteSortKeys, renderNote));
  });
  router.post('/:id/notes', (req, res) => {
    const { agentId = null, ...written } = parseBody(newNote, req.body);
    const { id: conversationId, notes } = findConversation(scope, req.params.id);
    const at = scope.now();
    const note: Note = { id: randomUUID(), conversationId, agentId, ...written, createdAt: at, updatedAt: at };
    notes.push(note);
    res.json(renderNote(note));
  });
  router.get('/:id/notes/:noteId', (req, res) => {
    const { id, noteId } = req.params;
    const note = findConversation(scope, id).notes.find((candidate) => candidate.id === noteId);
    if (!note) throw unknownId(scope.unknownIdStatus, noteId);
    res.json(renderNote(note));
  });
}
