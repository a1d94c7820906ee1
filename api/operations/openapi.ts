import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import {
  closeBody,
  handoffAnswer,
  handoffPage,
  listQuery,
  problem,
  retryBody,
  startAnswer,
  startBody,
  transferBody,
} from '../handoffs/schemas';

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
      title: 'Durable Handoff API',
      version: '1',
      description: "Hands a chatbot's conversation to an agent in any contact center, and loses nothing on the way.",
    },
    servers: [{ url: publicUrl ?? '/' }],
  });
}

/** The parts of the API, in the order in which `/docs` shows them. */
const TAGS = { handoffs: ['Handoffs'], webhooks: ['Webhooks'], operations: ['Files and operations'] };

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
  400: 'The request is not valid. `errors` names each mistake.',
  401: 'The key is unknown, or the signature or secret is invalid.',
  403: 'The key lacks the scope, or cannot be used for the account.',
  404: 'Not found.',
  408: 'The body did not arrive in time.',
  409: 'The handoff does not accept this in its present state. `detail` says why.',
  413: 'The body is larger than 1 MiB.',
  415: 'The body is not JSON.',
  429: 'Too many requests without a valid key.',
  503: 'Temporal, a worker or a vendor does not answer, or too many requests are in flight. Retry after `Retry-After`.',
} as const;

const AUTH = [401, 403, 429] as const;
const BODY = [400, 408, 413, 415] as const;

function registerHandoffs(registry: OpenAPIRegistry, security: Security): void {
  const id = z.object({ id: z.string().meta({ description: '`handoff:{account}:{conversationId}`' }) });
  const description = 'wait=N: wait up to N seconds, at most 10, for the state.';
  const prefer = z.object({ prefer: z.string().optional().meta({ description }) });
  registry.registerPath({
    method: 'post',
    path: '/v1/handoffs',
    tags: TAGS.handoffs,
    summary: 'Start a handoff',
    security,
    request: { headers: prefer, body: body(startBody) },
    responses: {
      200: json(startAnswer, 'Only with `Prefer: wait`: the handoff is unavailable. The bot stays in charge.'),
      202: json(startAnswer, 'The handoff is accepted, or this conversation has an open one.'),
      ...problems(...AUTH, ...BODY, 404, 503),
    },
  });
  registry.registerPath({
    method: 'get',
    path: '/v1/handoffs',
    tags: TAGS.handoffs,
    summary: 'List handoffs, newest first',
    security,
    request: { query: listQuery },
    responses: { 200: json(handoffPage, 'A page of handoffs.'), ...problems(...AUTH, 400, 503) },
  });
  registry.registerPath({
    method: 'get',
    path: '/v1/handoffs/{id}',
    tags: TAGS.handoffs,
    summary: "Retrieve a handoff with each message's delivery status",
    security,
    request: { params: id },
    responses: { 200: json(handoffAnswer, 'The handoff.'), ...problems(...AUTH, 404, 503) },
  });
  const command = (path: string, summary: string, schema: z.ZodType, { required = false, params = id } = {}) =>
    registry.registerPath({
      method: 'post',
      path: `/v1/handoffs/{id}/${path}`,
      tags: TAGS.handoffs,
      summary,
      security,
      request: { params, body: body(schema, required) },
      responses: { 200: json(handoffAnswer, 'The handoff.'), ...problems(...AUTH, ...BODY, 404, 409, 503) },
    });
  command('close', 'Close a handoff', closeBody);
  command('transfer', 'Transfer a handoff to another contact center or queue', transferBody, { required: true });
  const params = id.extend({ messageId: z.string() });
  command('messages/{messageId}/retry', 'Retry an undeliverable message', retryBody, { params });
}

function registerWebhooks(registry: OpenAPIRegistry): void {
  const responses = {
    200: { description: 'Temporal has every event, or no open handoff wants it.' },
    ...problems(400, 401, 404, 408, 413, 503),
  };
  const account = z.object({ account: z.string() });
  const secret = z.string().meta({ description: 'Left out for platforms that sign their webhooks.' });
  registry.registerPath({
    method: 'post',
    path: '/webhooks/{account}/platform/{secret}',
    tags: TAGS.webhooks,
    summary: "The platform's webhook",
    request: { params: account.extend({ secret }) },
    responses,
  });
  registry.registerPath({
    method: 'post',
    path: '/webhooks/{account}/{contactCenter}',
    tags: TAGS.webhooks,
    summary: "A contact center's webhook",
    request: { params: account.extend({ contactCenter: z.string() }) },
    responses,
  });
}

function registerOperations(registry: OpenAPIRegistry): void {
  const get = (path: string, summary: string, failures = {}, params = z.object({})) =>
    registry.registerPath({
      method: 'get',
      path,
      tags: TAGS.operations,
      summary,
      request: { params },
      responses: { 200: { description: summary }, ...failures },
    });
  get('/healthz', 'Liveness: this process runs');
  get('/readyz', 'Readiness: Temporal answers', problems(503));
  get('/metrics', 'Metrics for Prometheus');
  const file = z.object({ token: z.string(), name: z.string() });
  get('/media/{token}/{name}', 'Download a file that an agent sent', problems(404, 503), file);
}
