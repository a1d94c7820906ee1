import { createHmac } from 'node:crypto';
import { signCall } from '../../../connectors/custom/signature';
import type { WebhookRequest } from '../../../connectors/platform';
import { connect, newSecret, SECRET } from './support';

const BODY = JSON.stringify([]);

/** Signs as the contract's page tells, with no library. */
function sign(body: string | Buffer, { secret = SECRET, ageSeconds = 0, id = 'evt-1' } = {}): WebhookRequest {
  const timestamp = String(Math.floor(Date.now() / 1000) - ageSeconds);
  const signature = hmac(secret, `${id}.${timestamp}.`, body);
  return {
    rawBody: Buffer.from(body),
    headers: { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` },
  };
}

function hmac(secret: string, ...parts: (string | Buffer)[]): string {
  const mac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'));
  parts.forEach((part) => mac.update(part));
  return mac.digest('base64');
}

const parse = (request: WebhookRequest, settings: Record<string, unknown> = {}) =>
  connect({ baseUrl: 'http://127.0.0.1:1', ...settings }).parseWebhook!(request);

const unauthorized = { name: 'WebhookError', reason: 'unauthorized' };
const malformed = { name: 'WebhookError', reason: 'malformed' };

describe('the signature of a webhook', () => {
  test('a webhook signed with the secret is believed', async () => {
    await expect(parse(sign(BODY))).resolves.toEqual({ events: [], presence: [], ignored: [] });
  });

  test('one signature among several is enough', async () => {
    const request = sign(BODY);
    request.headers['webhook-signature'] = `v1,AAAA v2,x ${request.headers['webhook-signature'] as string}`;
    await expect(parse(request)).resolves.toBeDefined();
  });

  test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('without %s it is refused', async (name) => {
    const request = sign(BODY);
    delete request.headers[name];
    await expect(parse(request)).rejects.toMatchObject(unauthorized);
  });

  test.each([
    ['another secret', () => sign(BODY, { secret: newSecret() })],
    ['more than five minutes ago', () => sign(BODY, { ageSeconds: 302 })],
    ['more than five minutes ahead', () => sign(BODY, { ageSeconds: -302 })],
    ['another body', () => ({ ...sign(BODY), rawBody: Buffer.from('[ ]') })],
    ['another id', () => ({ ...sign(BODY), headers: { ...sign(BODY).headers, 'webhook-id': 'evt-2' } })],
    [
      'no signature of a known version',
      () => ({ ...sign(BODY), headers: { ...sign(BODY).headers, 'webhook-signature': 'v1' } }),
    ],
    [
      'a time that is no number',
      () => ({ ...sign(BODY), headers: { ...sign(BODY).headers, 'webhook-timestamp': 'today' } }),
    ],
  ])('signed with %s it is refused', async (_what, request) => {
    await expect(parse(request())).rejects.toMatchObject(unauthorized);
  });

  test('a signed body that is not JSON, or not UTF-8, is malformed', async () => {
    await expect(parse(sign('{'))).rejects.toMatchObject(malformed);
    await expect(parse(sign(Buffer.from([0x22, 0xff, 0x22])))).rejects.toMatchObject(malformed);
  });

  test('while secrets are rotated, both are believed and both sign', async () => {
    const next = newSecret();
    const rotating = { secret: next, previousSecrets: [SECRET] };
    await expect(parse(sign(BODY), rotating)).resolves.toBeDefined();
    await expect(parse(sign(BODY, { secret: next }), rotating)).resolves.toBeDefined();
    const headers = signCall([next, SECRET], 'GET', '/events', '');
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.GET /events\n`;
    expect(headers['webhook-signature']).toBe(`v1,${hmac(next, signed)} v1,${hmac(SECRET, signed)}`);
  });

  test('a call of ours does not pass as a webhook of the desk', async () => {
    const headers = signCall([SECRET], 'POST', '/cases', BODY);
    await expect(parse({ rawBody: Buffer.from(BODY), headers })).rejects.toMatchObject(unauthorized);
    await expect(parse({ rawBody: Buffer.from(`POST /cases\n${BODY}`), headers })).rejects.toMatchObject(malformed);
  });

  test('no refusal names the secret', async () => {
    const refusal = await parse(sign(BODY, { secret: newSecret() })).catch((error: Error) => error.message);
    expect(refusal).not.toContain(SECRET.slice('whsec_'.length));
  });
});

describe('the settings', () => {
  test.each(['', 'plain', 'whsec_', 'whsec_c2hvcnQ=', 'whsec_***'])('the secret %p is refused', (secret) => {
    expect(() => connect({ baseUrl: 'https://desk.example.com', secret })).toThrow(/secret/);
  });

  test('a desk without a feed is never polled', () => {
    const desk = connect({ baseUrl: 'https://desk.example.com', events: false });
    expect(desk.capabilities).toMatchObject({ agentMessages: ['webhook'], closure: ['webhook'] });
    expect(desk).not.toHaveProperty('poll');
    expect(desk).not.toHaveProperty('startCursor');
  });
});
