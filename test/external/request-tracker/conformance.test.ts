import { requestTracker } from '../../../connectors/request-tracker';
import { contactCenterConformance, type ContactCenterUnderTest } from '../../connectors/conformance/contact-center';
import { newOpening } from '../../connectors/conformance/suite';
import { describeWithRequestTracker, startRequestTracker } from '../../support/request-tracker';
import { failNext, startLossyProxy, type Match } from '../lossy-proxy';

/** Calls that write, and the search for a case: what a fault of the suite is about. */
const isMain: Match = (method, path) =>
  method === 'PUT' || /\/(correspond|comment|ticket)$/.test(path) || path.includes('/tickets?');

describeWithRequestTracker('Request Tracker conforms', () => {
  contactCenterConformance('Request Tracker', 'the real product', setup, {
    4: 'it has no unique field, so that two at the same moment both find none',
  });
});

async function setup(): Promise<ContactCenterUnderTest> {
  const rt = await startRequestTracker();
  const proxy = await startLossyProxy(rt.baseUrl);
  // Messages by the API: one call each, so that a fault hits the call it is meant for.
  const connect = () => {
    const { username, password } = rt;
    const own = {
      kind: 'request-tracker',
      baseUrl: proxy.url,
      username,
      password,
      queue: 'Chats',
      appendAs: 'service',
    };
    return requestTracker.create(requestTracker.settings.parse(own) as { kind: string }, {
      account: 'main',
      processes: 1,
    });
  };
  return {
    connect,
    agent: {
      async view({ id }) {
        const { Status } = await rt.actions.ticket(id);
        const [first, ...others] = await rt.actions.read(id);
        const texts = (type: string) => others.filter((each) => each.type === type).map(({ text }) => text);
        return {
          status: ['resolved', 'rejected', 'deleted'].includes(Status) ? 'closed' : 'open',
          transcript: first!.text.split('\n'),
          messages: texts('Correspond').map((text) => text.replace(/^Ivana Horvat: /, '')),
          notes: texts('Comment'),
        };
      },
      say: ({ id }, text) => rt.actions.reply(id, text),
      note: ({ id }, text) => rt.actions.comment(id, text),
      close: ({ id }) => rt.actions.resolve(id),
      reopen: ({ id }) => rt.actions.setStatus(id, 'open'),
    },
    countCases: async (key) => (await rt.actions.search(`CF.{${rt.customField}} = '${key}'`)).length,
    async foreignActivity() {
      const { id } = await connect().openCase(newOpening({ key: 'PROJ-17' }));
      await rt.actions.reply(id, 'not for you');
      await rt.actions.resolve(id);
    },
    async unreadableItem() {
      // In a case of its own: later messages of the same ticket wait for a few tries.
      const { id } = await connect().openCase(newOpening());
      await rt.actions.resolve(id);
      proxy.answer((_, path) => path.startsWith(`/REST/2.0/ticket/${id}`), { status: 500, body: 'oops' }, 'always');
    },
    nextCall: (fault) => Promise.resolve(failNext(proxy, fault, isMain, /\/(correspond|ticket)$/)),
    async stop() {
      await proxy.stop();
      await rt.stop();
    },
  };
}
