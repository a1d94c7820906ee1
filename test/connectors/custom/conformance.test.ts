import { contactCenterConformance, type ContactCenterUnderTest } from '../conformance/contact-center';
import { contentAsText, type MessageContent } from '../../../domain/message';
import { connect, opening, startRig } from './support';

contactCenterConformance('custom', 'the simulator', async (): Promise<ContactCenterUnderTest> => {
  const rig = await startRig();
  const act = async (ref: { id: string }, action: string, body: object = {}) => {
    const { status } = await rig.control(`cases/${ref.id}/${action}`, body);
    expect(status).toBe(200);
  };
  const contactCenter = () => connect({ baseUrl: rig.baseUrl, agentMessages: true, openCases: true, timeoutMs: 5_000 });
  const text = (content: unknown) => contentAsText(content as MessageContent);

  return {
    connect: contactCenter,
    agent: {
      view({ id }) {
        const { status, transcript, messages, notes } = rig.desk.cases().find((one) => one.id === id)!;
        return Promise.resolve({
          status,
          transcript: transcript.entries.map(({ at, author, name, content }) => {
            return `${at} ${name ?? author}: ${text(content)}`;
          }),
          messages: messages.filter(({ from }) => from === 'end-user').map(({ content }) => text(content)),
          notes: notes.map((note) => note.text),
        });
      },
      say: (ref, text) => act(ref, 'messages', { text }),
      note: (ref, text) => act(ref, 'notes', { text }),
      close: (ref) => act(ref, 'close'),
      reopen: (ref) => act(ref, 'reopen'),
    },
    countCases: (key) => Promise.resolve(rig.desk.cases().filter((one) => one.key === key).length),
    async foreignActivity() {
      const foreign = await contactCenter().openCase(opening({ key: 'PROJ-17' }));
      await act(foreign, 'messages', { text: 'not for you' });
      await act(foreign, 'close');
    },
    unreadableItem: async () => void (await rig.control('events', { type: 'agent.message', agent: 'Ana' })),
    async nextCall(fault) {
      const answers = { 'lost-answer': 'timeout-after-effect', 'proxy-page': 'proxy-404' };
      const next =
        typeof fault === 'string'
          ? { answer: answers[fault] }
          : { answer: fault.status, retryAfter: fault.retryAfterSeconds };
      await rig.control('faults', { api: { next: [next] } });
    },
    reset: () => rig.desk.faults.clear(),
    stop: () => rig.stop(),
  };
});
