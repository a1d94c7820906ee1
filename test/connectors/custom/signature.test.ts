import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { signCall } from '../../../connectors/custom/signature';
import type { WebhookRequest } from '../../../connectors/shared/webhook-request';
import { connect, KEY, newSecret, SECRET } from './support';

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
  connect({ baseUrl: 'http://127.0.0.1:1', ...settings }).webhook!.parse(request);

const malformed = { name: 'WebhookError', reason: 'malformed' };
const unauthorized = (message: string) => ({
  name: 'WebhookError',
  reason: 'unauthorized',
  message: expect.stringContaining(message) as string,
});

describe('P35: the signature of a webhook', () => {
  test('a webhook signed with the secret is accepted', async () => {
    await expect(parse(sign(BODY))).resolves.toEqual({ events: [], presence: [], ignored: [] });
  });

  test('one signature among several is enough', async () => {
    const request = sign(BODY);
    request.headers['webhook-signature'] = `v1,AAAA v2,x ${request.headers['webhook-signature'] as string}`;
    await expect(parse(request)).resolves.toBeDefined();
  });

  test("a webhook signed with the specification's own library is accepted", async () => {
    const now = new Date();
    const signature = new Webhook(SECRET).sign('evt-1', now, BODY);
    const timestamp = String(Math.floor(now.getTime() / 1000));
    const headers = { 'webhook-id': 'evt-1', 'webhook-timestamp': timestamp, 'webhook-signature': signature };
    await expect(parse({ rawBody: Buffer.from(BODY), headers })).resolves.toBeDefined();
  });

  test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('without %s it is refused', async (name) => {
    for (const value of [undefined, '', ['a', 'b']]) {
      const request = sign(BODY);
      request.headers[name] = value;
      await expect(parse(request)).rejects.toMatchObject(unauthorized(`the header ${name} is missing`));
    }
  });

  test.each([
    ['another secret', () => sign(BODY, { secret: newSecret() })],
    ['another body', () => ({ ...sign(BODY), rawBody: Buffer.from('[ ]') })],
    ['another id', () => ({ ...sign(BODY), headers: { ...sign(BODY).headers, 'webhook-id': 'evt-2' } })],
    [
      'another time',
      () => ({ ...sign(BODY), headers: { ...sign(BODY).headers, 'webhook-timestamp': String(Date.now()) } }),
    ],
    [
      'no signature of a known version',
      () => ({ ...sign(BODY), headers: { ...sign(BODY).headers, 'webhook-signature': 'v1 v1, v1a,AAAA' } }),
    ],
    [
      'a time that is not a number',
      () => ({ ...sign(BODY), headers: { ...sign(BODY).headers, 'webhook-timestamp': 'today' } }),
    ],
  ])('signed with %s it is an invalid signature', async (_what, request) => {
    await expect(parse(request())).rejects.toMatchObject(unauthorized('invalid signature'));
  });

  test.each([302, -302])('signed %i seconds ago it is outside the tolerance', async (ageSeconds) => {
    const stale = unauthorized('timestamp outside the tolerance');
    await expect(parse(sign(BODY, { ageSeconds }))).rejects.toMatchObject(stale);
    await expect(parse(sign(BODY, { ageSeconds: ageSeconds - Math.sign(ageSeconds) * 10 }))).resolves.toBeDefined();
  });

  test('one that is sent again within the tolerance brings the same events, which count once by their ids', async () => {
    const request = sign(JSON.stringify({ type: 'case.closed', id: 'e-1', at: '2026-11-21T12:00:00Z', caseKey: KEY }));
    const first = await parse(request);
    await expect(parse(request)).resolves.toEqual(first);
    expect(first.events).toMatchObject([{ type: 'case-closed', id: 'e-1' }]);
  });

  test('a signed body that is not JSON, or not UTF-8, is malformed', async () => {
    await expect(parse(sign('{'))).rejects.toMatchObject(malformed);
    await expect(parse(sign(Buffer.from([0x22, 0xff, 0x22])))).rejects.toMatchObject(malformed);
  });

  test('while secrets are rotated, both are accepted and both sign', async () => {
    const next = newSecret();
    const rotating = { secret: next, previousSecrets: [SECRET] };
    await expect(parse(sign(BODY), rotating)).resolves.toBeDefined();
    await expect(parse(sign(BODY, { secret: next }), rotating)).resolves.toBeDefined();
    const headers = await signCall([next, SECRET], 'GET', '/events');
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.GET /events\n`;
    expect(headers['webhook-signature']).toBe(`v1,${hmac(next, signed)} v1,${hmac(SECRET, signed)}`);
  });

  test('a call of ours does not pass as a webhook of the desk', async () => {
    const headers = await signCall([SECRET], 'POST', '/cases', [Buffer.from(BODY)]);
    const invalid = unauthorized('invalid signature');
    await expect(parse({ rawBody: Buffer.from(BODY), headers })).rejects.toMatchObject(invalid);
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

  test('a desk has the optional calls that its settings name, and no others', () => {
    const least = connect({ baseUrl: 'https://desk.example.com', events: false });
    expect(least.capabilities).toMatchObject({
      delivery: { agentMessages: ['webhook'], closure: ['webhook'] },
      appendReopens: false,
      rereadable: false,
    });
    for (const feature of ['poll', 'agentMessages', 'openCases']) expect(least).not.toHaveProperty(feature);
    const most = connect({
      baseUrl: 'https://desk.example.com',
      agentMessages: true,
      openCases: true,
      appendReopens: true,
    });
    expect(most.capabilities).toMatchObject({
      delivery: { agentMessages: ['webhook', 'poll'], closure: ['webhook', 'poll'] },
      appendReopens: true,
      rereadable: true,
    });
    for (const feature of ['poll', 'agentMessages', 'openCases']) expect(most).toHaveProperty(feature);
  });
});
