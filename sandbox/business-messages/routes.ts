import express, { Router } from 'express';
import type { AgentApi } from './agent-api';

/** The REST API of version 1, which can write and not read. */
export function apiRoutes(api: AgentApi): Router {
  return Router()
    .use(express.json())
    .post('/v1/conversations/:id/messages', (req, res) => {
      res.json(api.createMessage(req.params.id, req.body));
    })
    .post('/v1/conversations/:id/events', (req, res) => {
      res.json(api.createEvent(req.params.id, req.query.eventId, req.body));
    })
    .post('/v1/conversations/:id/surveys', (req, res) => {
      res.json(api.createSurvey(req.params.id, req.query.surveyId, req.body));
    })
    .patch('/v1/conversations/:id/messages/:messageId/receipt', (req, res) => {
      res.json(api.updateReceipt(req.params.id, req.params.messageId, req.body));
    });
}
