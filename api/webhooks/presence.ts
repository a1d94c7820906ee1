import { LRUCache } from 'lru-cache';
import type { Account } from '../../accounts/connect';
import type { AgentPresence, EndUserPresence } from '../../domain/events';
import type { HandoffView } from '../../domain/handoff';
import { handoffId, parseHandoffId } from '../../domain/ids';
import { sameAgent } from '../../domain/message';
import type { Temporal } from '../temporal';

/** Typing is told again every few seconds while it lasts; more often than this it is not worth a call. */
const AT_MOST_EVERY_MS = 3_000;

const VIEW_DEADLINE_MS = 1_000;

/**
 * Shows one side that the other types or has read, if an agent is connected and no message waits, which the sign
 * would overtake. Tried once and waited for by nobody: what fails is counted and forgotten.
 */
export function createPresence(temporal: Temporal, onFailure: (account: Account) => void) {
  const recent = new LRUCache<string, true>({ max: 10_000, ttl: AT_MOST_EVERY_MS });

  async function show(account: Account, id: string, sign: string, tell: (view: HandoffView) => Promise<void>) {
    const key = `${sign}:${id}`;
    if (recent.has(key)) return;
    recent.set(key, true);
    try {
      const view = await temporal.view(id, VIEW_DEADLINE_MS);
      if (view?.state === 'connected' && view.pending === 0) await tell(view);
    } catch {
      onFailure(account);
    }
  }

  return {
    endUser(account: Account, conversationId: string, presence: EndUserPresence): void {
      const id = handoffId({ account: account.name, conversationId });
      void show(account, id, `end-user-${presence.type}`, async (view) => {
        const contactCenter = account.contactCenters[view.contactCenter ?? ''];
        if (view.case) await contactCenter?.showPresence?.(view.case, presence);
      });
    },

    agent(account: Account, id: string, presence: AgentPresence): void {
      const conversation = parseHandoffId(id);
      if (!conversation || !account.platform.showPresence) return;
      void show(account, id, `agent-${presence.type}`, async (view) => {
        // Who has not joined in the end user's eyes cannot be seen to type.
        const joined = view.agent !== undefined && sameAgent(view.agent, presence.agent);
        if (presence.type === 'typing' && !joined) return;
        await account.platform.showPresence?.(conversation.conversationId, presence, view.replyTo);
      });
    },
  };
}
export type Presence = ReturnType<typeof createPresence>;
