const say = (text) => ({ text, action: 'messages' });
const LIVE_AGENT = { text: 'Talk to a person', action: 'request-live-agent' };

/**
 * What differs between the platforms: the paths of their simulators and desks, how an end user is addressed, whether
 * typing is reported, what can be tapped (`offers`, each with its control), and the texts of the page.
 */
export const PLATFORMS = {
  infobip: {
    mount: 'infobip',
    desk: 'desk',
    newId: () => `38591${String(Math.floor(Math.random() * 1e7)).padStart(7, '0')}`,
    sender: ({ id, name }) => ({ from: id, name }),
    offers: () => [say('Where is my order?'), say('I want a person'), say('/end')],
    hint: 'Write “I want a person”, and it hands you over to an agent.',
    pausedUntil: 'the conversation is closed',
    faults: 'Webhooks only make things faster. Whatever happens to them, no message is lost or comes twice.',
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
    hint: 'Write “I have a problem”, and it hands you over to an agent.',
    pausedUntil: 'the agent has left',
    faults:
      'Webhooks that come late, twice or out of order change nothing. But this platform’s conversations cannot be read: a message whose webhook never comes is lost.',
  },
};
