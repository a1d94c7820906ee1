import type { HandoffAnswer } from '../../api/handoffs/schemas';
import { WORKFLOWS } from '../../domain/contract';
import { handoffId } from '../../domain/ids';
import { ACCOUNT, digestOf, type Actor } from './actor';
import type { CaseRecord, ConversationRecord, Received, SentMessage } from './record';
import type { Stage } from './stage';
import { labelOf } from './texts';
import type { OwnCase } from './vendors';

/** What both sides hold of a conversation once all is over. */
export async function collect(
  stage: Stage,
  { plan, conversationId, sent, unexpected }: Actor,
): Promise<ConversationRecord> {
  const { vendors, injector } = stage;
  const view = vendors.infobip.endUsers.conversation(conversationId);
  const messages = (view?.messages ?? []) as unknown as PlatformMessage[];
  const toEndUser = messages.filter(({ direction, authorType }) => direction === 'OUTBOUND' && authorType !== 'BOT');
  const arrivedAt = ({ direction, n, id }: SentMessage) =>
    vendors.arrivals.get(direction === 'inbound' ? id : labelOf({ conversation: plan.name, direction, n }));
  return {
    plan,
    conversationId,
    sent: sent.map((one) => ({
      ...one,
      arrivedAt: arrivedAt(one),
      // Where no webhooks come at all, everything is found in order.
      isUnreported: injector.hasWebhooks && vendors.unreported.has(one.id),
    })),
    unexpected,
    platform: { status: view?.status ?? 'missing', received: await Promise.all(toEndUser.map(receivedByEndUser)) },
    cases: vendors.cases(conversationId).map(caseRecord),
    handoff: await readHandoff(stage, conversationId),
    executions: await executionsOf(stage, conversationId),
    timeline: vendors.timelines.of(conversationId),
  };
}

interface PlatformMessage {
  direction: string;
  authorType?: string;
  content: { text?: string; caption?: string; url?: string };
}

/** A file's link has to work for the end user. */
async function receivedByEndUser({ content: { text, caption, url } }: PlatformMessage): Promise<Received> {
  if (url === undefined) return { text: text ?? '' };
  const answer = await fetch(url).catch(() => undefined);
  const bytes = answer?.ok ? Buffer.from(await answer.arrayBuffer()) : undefined;
  return { text: caption ?? url, file: bytes ? digestOf(bytes) : `status ${answer?.status}` };
}

function caseRecord({ desk, case: { id, status, transcript, messages, notes } }: OwnCase): CaseRecord {
  const byEndUser = transcript.entries.filter(({ author }) => author === 'end-user');
  return {
    ...{ desk, id, status },
    transcript: byEndUser.map(({ content }) => receivedByAgent(content)),
    appended: messages.flatMap((one) => (one.from === 'end-user' ? [receivedByAgent(one.content)] : [])),
    notes: notes.flatMap(({ agent, text }) => (agent ? [] : [text])),
  };
}

function receivedByAgent(content: object): Received {
  const { text, caption, source } = content as { text?: string; caption?: string; source?: { base64?: string } };
  const bytes = source?.base64 === undefined ? undefined : Buffer.from(source.base64, 'base64');
  return { text: text ?? caption ?? '', ...(bytes && { file: digestOf(bytes) }) };
}

async function readHandoff(stage: Stage, conversationId: string): Promise<HandoffAnswer | undefined> {
  const id = handoffId({ account: ACCOUNT, conversationId });
  const { status, body } = await stage.api(`/v1/handoffs/${encodeURIComponent(id)}`, stage.secrets.operatorKey);
  return status === 200 ? (body as HandoffAnswer) : undefined;
}

/** Latest first. */
async function executionsOf({ client }: Stage, conversationId: string): Promise<string[]> {
  const query = `WorkflowType = '${WORKFLOWS.handoff}' AND WorkflowId = '${handoffId({ account: ACCOUNT, conversationId })}'`;
  const found: { status: string; at: number }[] = [];
  for await (const { status, startTime } of client.workflow.list({ query })) {
    found.push({ status: status.name, at: startTime.getTime() });
  }
  return found.sort((a, b) => b.at - a.at).map(({ status }) => status);
}
