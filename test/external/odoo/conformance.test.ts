import { odoo } from '../../../connectors/odoo';
import { externalIdOf } from '../../../connectors/odoo/external-id';
import { contactCenterConformance, type ContactCenterUnderTest } from '../../connectors/conformance/contact-center';
import { newOpening } from '../../connectors/conformance/suite';
import { describeWithOdoo, startOdoo } from '../../support/odoo';
import { failNext, startLossyProxy, type Match } from '../lossy-proxy';
import { odooAgent, shown } from './agent';

/** Calls that write, and the search for a case: what a fault of the suite is about. */
const MAIN = /helpdesk\.ticket\/(load|message_post|write)$/;
const isMain: Match = (_, path) => MAIN.test(path);

describeWithOdoo('Odoo conforms', () => {
  contactCenterConformance('Odoo', 'the real product', setup);
});

async function setup(): Promise<ContactCenterUnderTest> {
  const server = await startOdoo();
  const proxy = await startLossyProxy(server.baseUrl);
  const agent = odooAgent(server.baseUrl, server.agentKeys.alice);
  const connect = () => {
    const own = odoo.settings.parse({ kind: 'odoo', baseUrl: proxy.url, apiKey: server.apiKey, team: 'Chats' });
    return odoo.create(own as { kind: string }, { account: 'main', processes: 1 });
  };
  return {
    connect,
    agent: {
      async view({ id }) {
        const { closed, description } = await agent.ticket(id);
        const lines = await agent.read(id);
        const texts = (isNote: boolean) => lines.filter((line) => line.isNote === isNote).map(({ text }) => text);
        const transcript = shown(description).split('\n');
        return { status: closed ? 'closed' : 'open', transcript, messages: texts(false), notes: texts(true) };
      },
      say: async ({ id }, text) => void (await agent.say(id, text)),
      note: async ({ id }, text) => void (await agent.note(id, text)),
      close: async ({ id }) => void (await agent.close(id)),
      reopen: async ({ id }) => void (await agent.reopen(id)),
    },
    countCases: (key) => agent.countTickets(externalIdOf(key)),
    async foreignActivity() {
      const id = await agent.createTicket('not ours');
      await agent.say(id, 'not for you');
      await agent.close(id);
    },
    async unreadableItem() {
      // In a case of its own: later messages of the same ticket wait for a few tries.
      const { id } = await connect().openCase(newOpening());
      await agent.attach(id, 'a.txt', Buffer.from('a'), 'See the file');
      proxy.answer((_, path) => path.includes('/ir.attachment/'), { status: 500, body: 'oops' }, 'always');
    },
    nextCall: (fault) => Promise.resolve(failNext(proxy, fault, isMain, MAIN)),
    async stop() {
      await proxy.stop();
      await server.stop();
    },
  };
}
