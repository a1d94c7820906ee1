import type { InfobipSimulator } from '../infobip';
import type { Phone } from './phone';
import type { EndUserView, Line } from './view';

type Conversation = ReturnType<InfobipSimulator['endUsers']['conversations']>[number];
type Message = Conversation['messages'][number];

export function infobipPhone(simulator: InfobipSimulator, account: string): Phone {
  const owned = () => simulator.endUsers.conversations().filter(({ customer }) => customer !== undefined);
  const conversationsOf = (address: string) => owned().filter(({ customer }) => customer!.address === address);
  return {
    id: 'infobip',
    label: 'Infobip',
    account,
    endUsers() {
      const latestFirst = owned().reverse();
      return [...new Map(latestFirst.map((one) => [one.customer!.address, endUserOf(one)!])).values()];
    },
    conversationsOf: (endUserId) => conversationsOf(endUserId).map(({ id }) => id),
    view(endUserId) {
      const conversations = conversationsOf(endUserId);
      const latest = conversations.at(-1);
      if (!latest) return undefined;
      return {
        endUser: endUserOf(latest)!,
        conversationId: latest.id,
        open: latest.status !== 'CLOSED',
        bot: latest.bot,
        suggestions: [],
        lines: conversations.flatMap(linesOf),
      };
    },
    endUserOf(conversationId) {
      const conversation = simulator.endUsers.conversation(conversationId);
      return conversation && endUserOf(conversation);
    },
  };
}

function endUserOf({ customer }: Conversation): EndUserView | undefined {
  return customer && { id: customer.address, name: customer.name ?? customer.address };
}

function linesOf(conversation: Conversation): Line[] {
  const lines = conversation.messages.map((message): Line => lineOf(message, conversation.customer?.name));
  if (conversation.closedAt === undefined) return lines;
  const id = `${conversation.id} closed`;
  return [...lines, { id, at: conversation.closedAt, author: 'moment', text: 'Conversation closed' }];
}

/** The platform does not say whether an agent or Durable Handoff wrote a message: to the end user both are the team. */
function lineOf({ id, createdAt: at, direction, authorType, ...message }: Message, endUser?: string): Line {
  const text = textOf(message);
  if (direction === 'INBOUND') return { id, at, text, author: 'end-user', name: endUser };
  return authorType === 'BOT'
    ? { id, at, text, author: 'bot', name: 'Bot' }
    : { id, at, text, author: 'agent', name: 'Team' };
}

/** Infobip's content in one readable line. */
function textOf({ contentType, content }: Pick<Message, 'contentType' | 'content'>): string {
  const words = ['text', 'caption', 'url', 'address'].map((field) => content[field]);
  const said = words.filter((word) => typeof word === 'string' && word !== '').join(' ');
  return contentType === 'TEXT' ? said : `[${contentType.toLowerCase().replaceAll('_', ' ')}] ${said}`.trim();
}
