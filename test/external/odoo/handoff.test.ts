import { eventually } from '../../support/eventually';
import { describeWithOdoo, startOdoo, type OdooServer } from '../../support/odoo';
import { startService, type Service } from '../../support/service';
import { GOODBYE, PDF, PNG, WAITING } from '../expected';
import { odooAgent, type OdooAgent } from './agent';

describeWithOdoo('a handoff to a real Odoo', () => {
  let server: OdooServer;
  let service: Service;
  let agent: OdooAgent;

  beforeAll(async () => {
    server = await startOdoo();
    agent = odooAgent(server.baseUrl, server.agentKeys.alice);
    const { baseUrl, apiKey } = server;
    service = await startService({
      contactCenters: { odoo: { kind: 'odoo', baseUrl, apiKey, team: 'Chats' } },
      account: { routing: [{ to: 'odoo' }], watch: { pollEvery: '200ms', reconcileEvery: '1h' } },
      files: { '/photo.png': { mimeType: 'image/png', bytes: PNG } },
    });
  }, 120_000);
  afterAll(async () => {
    await service?.stop();
    await server?.stop();
  });

  const conversation = (id: string) => service.infobip.endUsers.conversation(id)!;

  test('goes to an agent and back: messages and files both ways, ticket closed, conversation CLOSED', async () => {
    const { conversationId, from } = await service.handOff();
    const { case: ref } = await service.until(conversationId, 'waiting');
    const ticket = ref!.id;
    expect(await agent.ticket(ticket)).toMatchObject({
      closed: false,
      team_id: [expect.any(Number), 'Chats'],
      user_id: false,
    });

    service.say('Are you <there>?', from);
    const [first] = await eventually('the agent has the message', async () => {
      const found = await agent.read(ticket);
      return found.length > 0 ? found : undefined;
    });
    const { partner_id: contact } = await agent.ticket(ticket);
    expect(first).toMatchObject({ text: 'Are you <there>?', author: contact[1], isNote: false });

    const content = { url: `${service.platformUrl}/photo.png`, caption: 'Like this?' };
    service.infobip.endUsers.receive({ from, contentType: 'IMAGE', content });
    const image = await eventually('the agent has the image', async () =>
      (await agent.read(ticket)).find(({ files }) => files.length > 0),
    );
    expect(image.text).toContain('Like this?');
    expect(await agent.file(image.files[0]!)).toEqual(PNG);

    await agent.note(ticket, 'Seems to be a regular.');
    await agent.say(ticket, 'Yes, I am Alice.');
    await agent.attach(ticket, 'form.pdf', PDF, 'Please sign.');
    const file = await eventually('the end user has the file', () =>
      conversation(conversationId).messages.find(({ contentType }) => contentType === 'DOCUMENT'),
    );
    const { url } = file.content as { url: string };
    expect(Buffer.from(await (await fetch(url)).arrayBuffer())).toEqual(PDF);
    expect(await service.view(conversationId)).toMatchObject({ state: 'connected', agent: { name: 'Alice Agent' } });

    await agent.close(ticket);
    expect(await service.until(conversationId, 'closed')).toMatchObject({
      outcome: 'resolved',
      pending: 0,
      undelivered: 0,
    });
    const texts = service.received(conversationId);
    expect(texts).toEqual(expect.arrayContaining([WAITING, 'Yes, I am Alice.', 'Please sign.']));
    expect(texts.at(-1)).toBe(GOODBYE);
    expect(texts.join()).not.toContain('regular');
    expect(conversation(conversationId)).toMatchObject({ status: 'CLOSED' });
  });

  test('ends by the end user: the ticket is closed by the service', async () => {
    const { conversationId, from } = await service.handOff();
    const { case: ref } = await service.until(conversationId, 'waiting');
    service.say('/end', from);
    expect(await service.until(conversationId, 'closed')).toMatchObject({ outcome: 'ended-by-user' });
    expect(await agent.ticket(ref!.id)).toMatchObject({ closed: true });
  });
});
