import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { failureOf, sentBefore } from './failure';
import type { Handoff } from './handoff';
import { nextInbound, nextOutbound, type InboundStep, type OutboundStep } from './steps';

/**
 * The two lanes of a conversation. Each is strictly in order and a loop of its own, so that a message that does not
 * get through holds its own lane and not the other.
 */
export class Lanes {
  private readonly scope = new CancellationScope();
  private stopping = false;
  private readonly loops: Promise<unknown>;

  constructor(private readonly handoff: Handoff) {
    this.loops = Promise.all([this.inboundLoop(), this.outboundLoop()]);
  }

  /** Ends both loops after the steps that are under way, which get this long; then they are cut short. */
  async stop(patienceMs: number): Promise<void> {
    this.stopping = true;
    let ended = false;
    const loops = this.loops.then(() => (ended = true));
    const inTime = await condition(() => ended, patienceMs);
    if (!inTime) this.scope.cancel();
    await loops;
  }

  private async inboundLoop(): Promise<void> {
    const { handoff } = this;
    for (;;) {
      await condition(() => this.stopping || nextInbound(handoff.state, handoff.settings) !== undefined);
      if (this.stopping) return;
      const step = nextInbound(handoff.state, handoff.settings)!;
      const since = new Date().toISOString();
      try {
        await this.scope.run(() => performInbound(handoff, step));
        handoff.apply({ type: 'inbound-done', step });
      } catch (error) {
        if (isCancellation(error)) return handoff.apply({ type: 'interrupted', lane: 'inbound', since });
        handoff.apply({ type: 'inbound-failed', step, failure: failureOf(error), since });
      }
    }
  }

  private async outboundLoop(): Promise<void> {
    const { handoff } = this;
    for (;;) {
      await condition(() => this.stopping || nextOutbound(handoff.state, handoff.settings) !== undefined);
      if (this.stopping) return;
      const step = nextOutbound(handoff.state, handoff.settings)!;
      const since = new Date().toISOString();
      try {
        const platformIds = await this.scope.run(() => performOutbound(handoff, step));
        handoff.apply({ type: 'outbound-done', step, platformIds });
      } catch (error) {
        if (isCancellation(error)) return handoff.apply({ type: 'interrupted', lane: 'outbound', since });
        const platformIds = sentBefore(error);
        if (platformIds.length > 0) handoff.apply({ type: 'outbound-done', step, platformIds });
        handoff.apply({ type: 'outbound-failed', step, failure: failureOf(error), since });
      }
    }
  }
}

async function performInbound({ state, input, activities }: Handoff, step: InboundStep): Promise<void> {
  if (step.kind === 'refuse') return;
  const inCase = { account: input.account, contactCenter: state.route!.contactCenter, case: state.case! };
  if (step.kind === 'note') {
    const { noteId, text } = step;
    const summary = 'A note for the agent';
    return activities.delivering.note.executeWithOptions({ summary }, [{ ...inCase, noteId, text }]);
  }
  const { messages, again } = step;
  const author = input.call.customer?.name ?? state.gathered?.customer?.name;
  const summary = counted('To the agent', messages.length);
  return activities.delivering.append.executeWithOptions({ summary }, [{ ...inCase, messages, author, again }]);
}

/** Answers with the platform's ids of what was sent. */
async function performOutbound(handoff: Handoff, step: OutboundStep): Promise<string[]> {
  const { state, input, activities } = handoff;
  const conversation = { account: input.account, conversationId: input.conversationId };
  const toEndUser = { ...conversation, replyTo: state.replyTo, knownIds: state.sentIds };
  switch (step.kind) {
    case 'skip':
    case 'refuse':
      return [];
    case 'send': {
      const { messages, representative, triedSince: sentSince } = step;
      const contactCenter = state.route!.contactCenter;
      const request = { ...toEndUser, messages, representative, contactCenter, sentSince };
      const options = { summary: counted('To the end user', messages.length) };
      return activities.sending.send.executeWithOptions(options, [request]);
    }
    case 'say':
      return [await say(handoff, toEndUser, step, {})];
    case 'announce': {
      const { by, change, agent, triedSince } = step;
      if (by === 'silent') return [];
      if ('template' in by) return [await say(handoff, toEndUser, { ...by, triedSince }, { agent: agent.name })];
      const request = { ...conversation, eventId: by.eventId, change, agent };
      const options = { summary: `The agent has ${change}` };
      await activities.delivering.announce.executeWithOptions(options, [request]);
      return [];
    }
  }
}

async function say(
  { state, activities }: Handoff,
  toEndUser: { account: string; conversationId: string; knownIds: string[] },
  { messageId, template, triedSince }: { messageId: string; template: string; triedSince?: string },
  params: Record<string, string>,
): Promise<string> {
  const request = { ...toEndUser, messageId, template, params, language: state.route?.language, sentSince: triedSince };
  const options = { summary: 'A text of our own to the end user' };
  return (await activities.delivering.say.executeWithOptions(options, [request])).platformId;
}

function counted(what: string, messages: number): string {
  return messages === 1 ? what : `${what}: ${messages} messages`;
}
