import { randomUUID } from 'node:crypto';
import { Webhook as Signer } from 'standardwebhooks';
import { DESK_NAMES, type OwnCase } from './vendors';
import type { Forgery } from './plan';
import type { Stage } from './stage';

const TEN_MINUTES_MS = 10 * 60_000;

/**
 * Sends a webhook that must not count: its words would be found at the end user or in the case. Answers with the status
 * where that is not the expected one.
 */
export async function forge(
  stage: Stage,
  what: Forgery,
  own: OwnCase,
  conversationId: string,
): Promise<number | undefined> {
  if (what === 'wrong-secret') {
    const { status } = await post(stage, '/webhooks/main/platform/not-the-secret', inbound(conversationId));
    return status === 401 ? undefined : status;
  }
  const desk = what === 'strange-desk' ? DESK_NAMES.find((name) => name !== own.desk)! : own.desk;
  const caseKey = what === 'unknown-case' ? own.case.key.replace(/#[0-9a-f]{12}/, '#0123456789ab') : own.case.key;
  const body = agentMessage(caseKey);
  const at = new Date(Date.now() - (what === 'old-signature' ? TEN_MINUTES_MS : 0));
  const secret = what === 'wrong-signature' ? stage.secrets.desks[other(desk)] : stage.secrets.desks[desk];
  const { status } = await post(stage, `/webhooks/main/${desk}`, body, signed(secret, body, at));
  const isRightlySigned = what === 'strange-desk' || what === 'unknown-case';
  return status === (isRightlySigned ? 200 : 401) ? undefined : status;
}

function other(desk: OwnCase['desk']): OwnCase['desk'] {
  return desk === 'support' ? 'backoffice' : 'support';
}

function post(stage: Stage, path: string, body: string, headers: Record<string, string> = {}) {
  return stage.call(`${stage.apiUrl}${path}`, { body, headers: { 'content-type': 'application/json', ...headers } });
}

function inbound(conversationId: string): string {
  const timestamp = new Date().toISOString();
  const message = {
    ...{ id: randomUUID(), conversationId, channel: 'LIVE_CHAT', from: 'stranger', to: 'bot', direction: 'INBOUND' },
    ...{ createdAt: timestamp, content: { text: 'forged by a stranger' } },
  };
  return JSON.stringify({ type: 'INBOUND_MESSAGE', timestamp, payload: { id: conversationId, message } });
}

function agentMessage(caseKey: string): string {
  return JSON.stringify({
    ...{ type: 'agent.message', id: randomUUID(), at: new Date().toISOString(), caseKey },
    ...{ agent: { id: 'mallory', name: 'Mallory' }, content: { kind: 'text', text: FORGED } },
  });
}

/** What no end user may ever read. */
export const FORGED = 'c0/out/1 forged by a stranger';

function signed(secret: string, body: string, at: Date): Record<string, string> {
  const id = randomUUID();
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Signer(secret).sign(id, at, body),
  };
}
