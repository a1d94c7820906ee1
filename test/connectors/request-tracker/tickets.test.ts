import type { CaseMessage, CaseOpening } from '../../../connectors/contact-center';
import { KEY, startFake, ticket, user, type Answers, type Fake } from './fake-request-tracker';

const GATEWAY = '/REST/1.0/NoAuth/mail-gateway';
const REF = { id: '1' };

const message = (id: string): CaseMessage => ({
  id,
  at: '2026-11-21T12:00:00Z',
  author: 'Zoë',
  content: { kind: 'text', text: 'private words' },
});

const opening: CaseOpening = {
  key: KEY,
  subject: 'Chat',
  priority: 'URGENT',
  customer: { id: 'c-1', name: 'Zoë' },
  tags: [],
  attributes: {},
  transcript: { entries: [] },
};

describe('Tickets', () => {
  let fake: Fake;
  afterEach(() => fake.stop());

  /** A ticket whose gateway says this. */
  const withGateway = (status: number, body: string): Answers => {
    return ({ path }) => {
      if (path === GATEWAY) return { status, body };
      if (path === '/REST/2.0/ticket/1') return { body: ticket('1') };
      if (path.startsWith('/REST/2.0/user/')) return { body: user('c-1@handoff.invalid', 0, 'Zoë') };
      if (path === '/REST/2.0/ticket/1/correspond') return { status: 201, body: ['Correspondence added'] };
      return undefined;
    };
  };
  const calls = (path: string) => fake.asked.filter((asked) => asked.path === path);

  test.each([
    ['refuses with 200', 200, 'not ok - operation unsuccessful\n'],
    ['is closed to us', 403, 'Forbidden'],
  ])('where the mail gateway %s, the API takes the message, and the gateway is left alone', async (_, status, body) => {
    fake = await startFake(withGateway(status, body));
    await fake.contactCenter.append(REF, [message('m1')]);
    await fake.contactCenter.append(REF, [message('m2')]);
    expect(calls(GATEWAY)).toHaveLength(1);
    const written = calls('/REST/2.0/ticket/1/correspond').map((asked) => JSON.parse(asked.body) as object);
    expect(written).toMatchObject([{ Content: 'Zoë: private words' }, { Content: 'Zoë: private words' }]);
  });

  test.each([
    ['temporary failure - operation unsuccessful', 'unavailable'],
    ['<html>Please log in</html>', 'ambiguous'],
  ])('a gateway that answers 200 and %s has not taken the message', async (body, kind) => {
    fake = await startFake(withGateway(200, body));
    await expect(fake.contactCenter.append(REF, [message('m1')])).rejects.toMatchObject({ kind });
    expect(calls('/REST/2.0/ticket/1/correspond')).toEqual([]);
  });

  test('the gateway gets no credentials', async () => {
    fake = await startFake(withGateway(200, 'ok\n'));
    await fake.contactCenter.append(REF, [message('m1')]);
    expect(calls(GATEWAY)).toHaveLength(1);
    expect(calls(GATEWAY)[0]?.authorization).toBeUndefined();
    expect(calls('/REST/2.0/ticket/1')[0]?.authorization).toMatch(/^Basic /);
  });

  test('an error names neither the password nor what was written', async () => {
    fake = await startFake(() => ({ status: 500, body: 'oops' }), { appendAs: 'bridge' });
    const error = await fake.contactCenter.append(REF, [message('m1')]).catch((e: unknown) => e);
    expect(error).toMatchObject({ kind: 'ambiguous' });
    expect(JSON.stringify([error, String(error)])).not.toMatch(/very-secret|private words/);
  });

  test('a ticket that lost its key is discarded at once and refused with words that say what to grant', async () => {
    fake = await startFake(({ method, path }) => {
      if (path === '/REST/2.0/tickets') return { body: { items: [] } };
      if (path === '/REST/2.0/users') return { body: { items: [] } };
      if (path === '/REST/2.0/queue/General') return { body: { TicketCustomFields: [{ name: 'HandoffKey' }] } };
      if (path === '/REST/2.0/ticket') return { status: 201, body: { id: '7', type: 'ticket' } };
      if (path !== '/REST/2.0/ticket/7') return undefined;
      return { body: method === 'PUT' ? [`Ticket 7: Status changed`] : ticket('7', { CustomFields: [] }) };
    });
    const attempt = fake.contactCenter.openCase(opening);
    await expect(attempt).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringMatching(/did not keep its 'HandoffKey'; grant 'handoff' ModifyCustomField/),
    });
    expect(fake.asked.at(-1)).toMatchObject({
      method: 'PUT',
      path: '/REST/2.0/ticket/7',
      body: '{"Status":"rejected"}',
    });
  });

  test('a ticket that does not close although the answer was 200 is told, with what was said', async () => {
    fake = await startFake(({ method }) => ({ body: method === 'PUT' ? ['Permission Denied'] : ticket('1') }));
    const attempt = fake.contactCenter.close(REF);
    await expect(attempt).rejects.toMatchObject({ message: expect.stringContaining('Permission Denied') });
  });

  test('with a token, that and no password is what we show', async () => {
    fake = await startFake(() => ({ body: { items: [] } }), { password: undefined, token: 'tok' });
    expect(await fake.contactCenter.findCase(KEY)).toBeUndefined();
    expect(fake.asked.map(({ authorization }) => authorization)).toEqual(['token tok']);
  });
});
