import { parseHandoffId } from '../../domain/ids';
import type { HandoffResult } from '../../domain/contract';
import type { HandoffView } from '../../domain/handoff';
import type { AppContext } from '../context';
import { Problem } from '../http/problem';
import type { Temporal } from '../temporal/client';
import type { Execution } from '../temporal/execution';
import { toItem } from './list';
import type { HandoffAnswer } from './schemas';

/** One handoff. What Temporal has ended is `failed`, whatever the workflow last said about itself. */
export async function readHandoff(temporal: Temporal, id: string): Promise<HandoffAnswer> {
  const execution = await temporal.describe(id);
  if (!execution) throw notFound();
  if (execution.failed) return failedAnswer(temporal, execution);
  const view = execution.completed ? await temporal.result(execution) : await temporal.view(id);
  if (!view) throw notFound();
  return shown(view);
}

/** Of a workflow that Temporal has ended, even the last view may be out of reach: its history may be why it ended. */
async function failedAnswer(temporal: Temporal, execution: Execution): Promise<HandoffAnswer> {
  const known = toItem(execution);
  if (!known) throw notFound();
  const view = await temporal.view(execution.handoffId).catch(() => undefined);
  const last = view && shown(view);
  const detail = 'Temporal ended the workflow before the handoff was closed. The conversation may still be open.';
  return { ...known, cases: [], ...last, state: 'failed', closedAt: known.closedAt, detail };
}

/** The view without what is for the processes alone. */
export function shown(view: HandoffView & Partial<HandoffResult>): HandoffAnswer {
  const { replyTo: _, conversationClosed: __, seen: ___, ...answer } = view;
  return answer;
}

/** The answer with a link to the Temporal UI, where one is configured. */
export function withLink({ settings, temporal }: AppContext, answer: HandoffAnswer): HandoffAnswer {
  const ui = settings.api.temporalUiUrl?.replace(/\/+$/, '');
  const path = `namespaces/${temporal.namespace}/workflows/${encodeURIComponent(answer.handoffId)}`;
  return { ...answer, ...(ui && { temporalUiUrl: `${ui}/${path}` }) };
}

/** The account of a handoff's id. Throws 404 where it is no such id. */
export function accountOfHandoff(id: string): string {
  const ref = parseHandoffId(id);
  if (!ref) throw notFound();
  return ref.account;
}

function notFound(): Problem {
  return new Problem(404, 'No such handoff.');
}
