import { snapshot, type Account } from '../../accounts/connect';
import type { HandoffCall } from '../../domain/handoff';
import { handoffId } from '../../domain/ids';
import type { Metrics } from '../operations/metrics';
import type { StartAnswer } from './schemas';
import type { Temporal } from '../temporal';

/** Starts a conversation's handoff, or finds the open one. Once it answers, Temporal has it for good. */
export async function startHandoff(
  { temporal, metrics }: { temporal: Temporal; metrics: Metrics },
  account: Account,
  conversationId: string,
  call: HandoffCall,
): Promise<StartAnswer> {
  const ref = { account: account.name, conversationId };
  const status = await temporal.start({ ...ref, call, settings: snapshot(account) }, staticDetails(account, call));
  metrics.handoffs.inc({ account: account.name, status });
  return { handoffId: handoffId(ref), status };
}

/** What the Temporal UI shows of the call: nothing of the customer's. */
function staticDetails(account: Account, { queue, language, priority }: HandoffCall): string {
  const lines = { platform: account.settings.platform.kind, queue, language, priority };
  return Object.entries(lines)
    .filter(([, value]) => value)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join('\n');
}
