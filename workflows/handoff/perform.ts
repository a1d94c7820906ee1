import type { Handoff } from './handoff';
import type { InboundStep, OutboundStep } from './steps';

/** Does one step by its activity. Both answer with the platform's ids of what was sent. */
export async function performInbound({ state, input, activities }: Handoff, step: InboundStep): Promise<string[]> {
  if (step.kind === 'refuse') return [];
  const inCase = { account: input.account, contactCenter: state.route!.contactCenter, case: state.case! };
  if (step.kind === 'note') {
    const { noteId, text } = step;
    const summary = 'A note for the agent';
    await activities.delivering.note.executeWithOptions({ summary }, [{ ...inCase, noteId, text }]);
    return [];
  }
  const { messages, again } = step;
  const author = input.call.customer?.name ?? state.gathered?.customer?.name;
  const summary = counted('To the agent', messages.length);
  await activities.delivering.append.executeWithOptions({ summary }, [{ ...inCase, messages, author, again }]);
  return [];
}

export async function performOutbound(handoff: Handoff, step: OutboundStep): Promise<string[]> {
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
