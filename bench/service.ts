import { randomBytes, randomUUID } from 'node:crypto';
import { Webhook as Signer } from 'standardwebhooks';
import { stringify } from 'yaml';
import { handoffId } from '../domain/ids';
import { eventually } from '../test/support/eventually';
import { CONVERSATIONS, type Contender, type Webhook } from './contender';
import type { Parts } from './parts';

const ACCOUNT = 'bench';
/** Its desk takes every call and never answers. */
export const HANGING_ACCOUNT = 'hanging';
const BOT_KEY = randomUUID();
const URL_SECRET = randomUUID();
const DESK_SECRET = `whsec_${randomBytes(32).toString('base64')}`;

/** The service is measured, not a vendor's limit. */
const UNLIMITED = { perSecond: 100_000, burst: 100_000 };

/** A settings file with nothing but what has to be set: all else is as a deployment gets it. */
export function serviceSettings(sinkUrl: string, port: number): string {
  return stringify({
    api: { port, host: '127.0.0.1', keys: [{ name: 'bot', key: BOT_KEY, scopes: ['handoffs:write'] }] },
    accounts: {
      [ACCOUNT]: account(sinkUrl, 'desk', UNLIMITED),
      [HANGING_ACCOUNT]: account(sinkUrl, 'hanging-desk', { perSecond: 50, burst: 50 }),
    },
  });
}

function account(sinkUrl: string, desk: string, rateLimit: typeof UNLIMITED) {
  return {
    platform: {
      kind: 'infobip',
      baseUrl: `${sinkUrl}/infobip`,
      apiKey: randomUUID(),
      webhook: { mode: 'subscription', secret: URL_SECRET },
      rateLimit,
      messageReadLimit: rateLimit,
    },
    contactCenters: { desk: { kind: 'custom', baseUrl: `${sinkUrl}/${desk}`, secret: DESK_SECRET } },
    routing: [{ to: 'desk' }],
  };
}

/** Both directions of the same handoffs. */
export async function openService({ client, sink, serviceUrl }: Parts): Promise<[Contender, Contender]> {
  const conversations = Array.from({ length: CONVERSATIONS }, (_, n) => `conversation-${n}`);
  await Promise.all(conversations.map((conversationId) => handOff(serviceUrl, conversationId)));
  const caseKeys = await eventually('every handoff has its case', () => {
    const keys = conversations.flatMap((conversationId) => sink.caseKey(conversationId) ?? []);
    return keys.length === CONVERSATIONS ? keys : undefined;
  });
  const workflows = await Promise.all(
    conversations.map(async (conversationId) => {
      const workflowId = handoffId({ account: ACCOUNT, conversationId });
      return { workflowId, runId: (await client.workflow.getHandle(workflowId).describe()).runId };
    }),
  );
  return [
    { name: 'end user → agent', workflows, webhook: (n, text) => fromEndUser(serviceUrl, conversations[n]!, text) },
    { name: 'agent → end user', workflows, webhook: (n, text) => fromAgent(serviceUrl, caseKeys[n]!, text) },
  ];
}

export async function handOff(serviceUrl: string, conversationId: string, account = ACCOUNT): Promise<void> {
  const { status } = await fetch(`${serviceUrl}/v1/handoffs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${BOT_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ conversationId, account }),
  });
  if (status !== 202) throw new Error(`The handoff was answered with ${status}.`);
}

function fromEndUser(serviceUrl: string, conversationId: string, text: string): Webhook {
  const timestamp = new Date().toISOString();
  const message = {
    ...{ id: randomUUID(), conversationId, channel: 'LIVE_CHAT', from: 'end-user', to: 'bot', direction: 'INBOUND' },
    ...{ createdAt: timestamp, content: { text } },
  };
  return {
    url: `${serviceUrl}/webhooks/${ACCOUNT}/platform/${URL_SECRET}`,
    body: JSON.stringify({ type: 'INBOUND_MESSAGE', timestamp, payload: { id: conversationId, message } }),
  };
}

function fromAgent(serviceUrl: string, caseKey: string, text: string): Webhook {
  const id = randomUUID();
  const now = new Date();
  const content = { kind: 'text', text };
  const body = JSON.stringify({
    ...{ type: 'agent.message', id, at: now.toISOString(), caseKey },
    ...{ agent: { id: 'ana', name: 'Ana' }, content },
  });
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Signer(DESK_SECRET).sign(id, now, body),
  };
  return { url: `${serviceUrl}/webhooks/${ACCOUNT}/desk`, headers, body };
}
