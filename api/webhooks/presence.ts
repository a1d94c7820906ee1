import { LRUCache } from 'lru-cache';
import type { Account } from '../../accounts/connect';
import type { AgentPresence, EndUserPresence } from '../../domain/events';
import type { HandoffView } from '../../domain/handoff';
import { parseHandoffId } from '../../domain/ids';
import { sameAgent } from '../../domain/message';
import type { Temporal } from '../temporal/client';

/** Typing is reported again every few seconds while it lasts; more often than this it is not worth a call. */
const AT_MOST_EVERY_MS = 3_000;

const VIEW_DEADLINE_MS = 1_000;

/**
 * Shows one side that the other types or has read, if an agent is connected and no message is pending, which the sign
 * would overtake. Tried once, and nobody waits for it: what fails is counted and forgotten.
 */
export function createPresence(temporal: Temporal, onFailure: (account: Account) => void) {
  const recent = new LRUCache<string, true>({ max: 10_000, ttl: AT_MOST_EVERY_MS });

  async function show(account: Account, id: string, sign: string, report: (view: HandoffView) => Promise<void>) {
    const key = `${sign}:${id}`;
    if (recent.has(key)) return;
    recent.set(key, true);
    try {
      const view = await temporal.view(id, VIEW_DEADLINE_MS);
      if (view?.state === 'connected' && view.pending === 0) await report(view);
    } catch {
      onFailure(account);
    }
  }

  return {
    endUser(account: Account, id: string, presence: EndUserPresence): void {
      void show(account, id, `end-user-${presence.type}`, async (view) => {
        const contactCenter = account.contactCenters[view.contactCenter ?? ''];
        if (view.case) await contactCenter?.presence?.show(view.case, presence);
      });
    },

    /** @param connection the contact center it came by: only the one that holds the case can speak for its agent. */
    agent(account: Account, connection: string, id: string, presence: AgentPresence): void {
      const conversation = parseHandoffId(id);
      const feature = account.platform.presence;
      if (!conversation || !feature) return;
      void show(account, id, `agent-${connection}-${presence.type}`, async (view) => {
        if (view.contactCenter !== connection) return;
        // Who has not joined in the end user's eyes cannot be seen to type.
        const joined = view.agent !== undefined && sameAgent(view.agent, presence.agent);
        if (presence.type === 'typing' && !joined) return;
        await feature.show(conversation.conversationId, presence, view.replyTo);
      });
    },
  };
}
export type Presence = ReturnType<typeof createPresence>;
