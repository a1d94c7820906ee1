import { grpcError, ID, startApi, type RunningApi } from '../../support/api-fakes';

let api: RunningApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.stop());

test('the process is alive without Temporal, and ready only with it', async () => {
  api.temporal.add(ID);
  expect((await api.call('GET', '/readyz')).status).toBe(200);
  api.temporal.down = grpcError(14);
  expect((await api.call('GET', '/healthz')).status).toBe(200);
  const answer = await api.call('GET', '/readyz');
  expect([answer.status, answer.body.detail]).toEqual([503, 'Temporal cannot be reached.']);
});

test('the OpenAPI document describes every route by the schemas that validate', async () => {
  const { body } = await api.call('GET', '/openapi.json');
  expect(Object.keys(body.paths as object).sort()).toEqual([
    '/healthz',
    '/media/{token}/{name}',
    '/metrics',
    '/readyz',
    '/v1/handoffs',
    '/v1/handoffs/{id}',
    '/v1/handoffs/{id}/close',
    '/v1/handoffs/{id}/messages/{messageId}/retry',
    '/v1/handoffs/{id}/transfer',
    '/webhooks/{account}/platform/{secret}',
    '/webhooks/{account}/{contactCenter}',
  ]);
  const { HandoffRequest, Handoff, HandoffAnswer, HandoffItem } = body.components.schemas;
  expect(HandoffRequest.required).toEqual(['conversationId']);
  expect(HandoffRequest.properties.history.maxItems).toBe(1000);
  expect(Handoff.properties).not.toHaveProperty('replyTo');
  expect(Handoff.properties).not.toHaveProperty('conversationClosed');
  expect(HandoffAnswer.properties.state.enum).toEqual(['connected', 'waiting', 'opening', 'unavailable']);
  expect(HandoffItem.properties.case).toEqual(Handoff.properties.case);
});

test('the docs page loads nothing from another host', async () => {
  const { status, text, headers } = await api.call('GET', '/docs');
  expect(status).toBe(200);
  expect(headers.get('content-security-policy')).toContain("script-src 'self'");
  const links = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
  expect(links.length).toBeGreaterThan(2);
  for (const link of links) expect([link, (await api.call('GET', link)).status]).toEqual([link, 200]);
});
