const say = (text) => ({ text, action: 'messages' });
const LIVE_AGENT = { text: 'Talk to a person', action: 'request-live-agent' };

/**
 * What differs between the platforms: where their simulators and desks take what is done, how a customer is addressed,
 * whether typing is told, what there is to tap (`offers`, each with the control that takes it), and what the page says of them.
 */
export const PLATFORMS = {
  infobip: {
    mount: 'infobip',
    desk: 'desk',
    newId: () => `38591${String(Math.floor(Math.random() * 1e7)).padStart(7, '0')}`,
    sender: ({ id, name }) => ({ from: id, name }),
    offers: () => [say('Where is my order?'), say('I want a person'), say('/end')],
    hint: 'Write “I want a person” and it hands you over to an agent.',
    pausedUntil: 'the conversation is closed',
    faults: 'Webhooks only make things faster: whatever happens to them, nothing may be lost or come twice.',
  },
  'business-messages': {
    mount: 'business-messages',
    desk: 'business-desk',
    newId: () => crypto.randomUUID(),
    sender: ({ id, name }) => ({ conversationId: id, name }),
    typing: true,
    offers(phone) {
      if (!phone) return [say('Where is my order?'), say('I have a problem')];
      if (phone.bot === 'paused') return [say('/end')];
      return phone.suggestions.length > 0 ? phone.suggestions : [say('Where is my order?'), LIVE_AGENT];
    },
    hint: 'Write “I have a problem” and it hands you over to an agent.',
    pausedUntil: 'the agent has left',
    faults:
      'Webhooks that come late, twice or out of order change nothing. But this platform cannot be read back: what it never brings is lost.',
  },
};
