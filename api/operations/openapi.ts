import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { closeBody, handoffAnswer, handoffPage, listQuery, problem, startAnswer, startBody } from '../handoffs/schemas';

/** The API's description, made of the same schemas that check what comes in. */
export function openApiDocument(publicUrl: string | undefined) {
  const registry = new OpenAPIRegistry();
  const key = registry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer' });
  registerHandoffs(registry, [{ [key.name]: [] }]);
  registerWebhooks(registry);
  registerOperations(registry);
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Durable Handoff',
      version: '1',
      description: "Hands a chatbot's conversation to an agent in any contact center, and loses nothing on the way.",
    },
    servers: [{ url: publicUrl ?? '/' }],
  });
}

type Security = Record<string, string[]>[];

const json = (schema: z.ZodType, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

const body = (schema: z.ZodType, required = true) => ({ required, content: { 'application/json': { schema } } });

/** The problems an operation may answer with, by status. */
function problems(...statuses: (keyof typeof PROBLEMS)[]) {
  const content = { 'application/problem+json': { schema: problem } };
  return Object.fromEntries(statuses.map((status) => [status, { description: PROBLEMS[status], content }]));
}

const PROBLEMS = {
  400: 'The request is not valid; `errors` names each place.',
  401: 'No known key, or a signature or secret that does not hold.',
  403: 'The key lacks the scope.',
  404: 'There is nothing of this name.',
  409: 'The handoff refuses this in its present state; `detail` says why.',
  413: 'The body is larger than 1 MB.',
  415: 'The body is not JSON.',
  503: 'Temporal, a worker or a vendor does not answer; try again after `Retry-After`.',
} as const;

function registerHandoffs(registry: OpenAPIRegistry, security: Security): void {
  const handoff = {
    params: z.object({ id: z.string().meta({ description: '`handoff:{account}:{conversationId}`' }) }),
  };
  const prefer = z.object({ prefer: z.string().optional().meta({ description: 'wait=N: the verdict, N ≤ 10 s.' }) });
  registry.registerPath({
    method: 'post',
    path: '/v1/handoffs',
    summary: 'Hand a conversation over, or find its open handoff',
    security,
    request: { headers: prefer, body: body(startBody) },
    responses: {
      200: json(startAnswer, 'With `Prefer: wait` alone: the verdict is `unavailable`, the bot stays in charge.'),
      202: json(startAnswer, 'The handoff is under way.'),
      ...problems(400, 401, 403, 404, 413, 415, 503),
    },
  });
  registry.registerPath({
    method: 'get',
    path: '/v1/handoffs',
    summary: 'A page of handoffs, newest first',
    security,
    request: { query: listQuery },
    responses: { 200: json(handoffPage, 'The page.'), ...problems(400, 401, 403, 503) },
  });
  registry.registerPath({
    method: 'get',
    path: '/v1/handoffs/{id}',
    summary: "One handoff with each message's deliveryStatus",
    security,
    request: handoff,
    responses: { 200: json(handoffAnswer, 'The handoff.'), ...problems(401, 403, 404, 503) },
  });
  registry.registerPath({
    method: 'post',
    path: '/v1/handoffs/{id}/close',
    summary: 'End a handoff',
    security,
    request: { ...handoff, body: body(closeBody, false) },
    responses: { 200: json(handoffAnswer, 'The handoff.'), ...problems(400, 401, 403, 404, 409, 413, 415, 503) },
  });
  registry.registerPath({
    method: 'post',
    path: '/v1/handoffs/{id}/messages/{messageId}/retry',
    summary: 'Try an undeliverable message again',
    security,
    request: { params: handoff.params.extend({ messageId: z.string() }) },
    responses: { 200: json(handoffAnswer, 'The handoff.'), ...problems(401, 403, 404, 409, 503) },
  });
}

function registerWebhooks(registry: OpenAPIRegistry): void {
  const responses = {
    200: { description: 'Temporal has every event, or no open handoff wants it.' },
    ...problems(400, 401, 404, 413, 503),
  };
  const account = z.object({ account: z.string() });
  registry.registerPath({
    method: 'post',
    path: '/webhooks/{account}/platform/{secret}',
    summary: "The platform's webhook",
    request: { params: account.extend({ secret: z.string().meta({ description: 'Left out where it signs.' }) }) },
    responses,
  });
  registry.registerPath({
    method: 'post',
    path: '/webhooks/{account}/{contactCenter}',
    summary: "A contact center's webhook",
    request: { params: account.extend({ contactCenter: z.string() }) },
    responses,
  });
}

function registerOperations(registry: OpenAPIRegistry): void {
  const plain = (path: string, summary: string, failures = {}) =>
    registry.registerPath({
      method: 'get',
      path,
      summary,
      responses: { 200: { description: summary }, ...failures },
    });
  plain('/healthz', 'This process lives');
  plain('/readyz', 'Temporal answers', problems(503));
  plain('/metrics', 'Counters and times for Prometheus');
  registry.registerPath({
    method: 'get',
    path: '/media/{token}',
    summary: 'A file an agent sent',
    request: { params: z.object({ token: z.string() }) },
    responses: { 200: { description: "The file's bytes" }, ...problems(404, 503) },
  });
}
