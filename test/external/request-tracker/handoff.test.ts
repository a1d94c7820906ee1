import axios from 'axios';
import type { Browser } from 'playwright-core';
import { chromiumMissing, startChromium } from '../browser/chromium';
import { eventually } from '../../support/eventually';
import { startService, type Service } from '../../support/service';
import { describeWith } from '../../support/parts';
import {
  describeWithRequestTracker,
  startRequestTracker,
  type RequestTrackerServer,
} from '../../support/request-tracker';
import { GOODBYE, PDF, PNG, WAITING } from '../expected';
import { startLossyProxy, type LossyProxy } from '../lossy-proxy';

describeWithRequestTracker('a handoff to a real Request Tracker', () => {
  let rt: RequestTrackerServer;
  let service: Service;

  beforeAll(async () => {
    rt = await startRequestTracker();
    service = await startService({
      contactCenters: { rt: settingsOf(rt) },
      account: { routing: [{ to: 'rt' }], watch: WATCH },
      files: { '/photo.png': { mimeType: 'image/png', bytes: PNG } },
    });
  }, 120_000);
  afterAll(async () => {
    await service?.stop();
    await rt?.stop();
  });
  afterEach(() => service.infobip.faults.clear());

  /** The ticket of a handoff, once there is one. */
  const ticketOf = async (conversationId: string) => (await service.until(conversationId, 'waiting')).case!.id;
  const conversation = (id: string) => service.infobip.endUsers.conversation(id)!;

  test('goes from the bot to an agent and back: history, messages both ways, ticket resolved, bot again', async () => {
    const from = 'CHAT-request-tracker';
    const conversationId = service.say('Hello 👋', from);
    await eventually('the bot answers', () => conversation(conversationId).messages.length > 1);
    service.say('I want a person', from);
    const { case: ref, handoffId } = await service.until(conversationId, 'waiting');
    const ticket = ref!.id;

    const [opening] = await rt.actions.read(ticket);
    const transcript = opening!.text.split('\n\n').at(-1)!;
    const lines = transcript.split('\n').map((line) => line.replace(/^[-0-9: ]+UTC {2}/, ''));
    expect(lines[0]).toBe('End user: Hello 👋');
    expect(lines[1]).toMatch(/^Bot: ./);
    expect(lines).toContain('End user: I want a person');

    service.say('Are you there?', from);
    await eventually('the agent has the message', async () => (await rt.actions.read(ticket)).length === 2);
    const [customer] = (await rt.actions.ticket(ticket)).Requestor;
    expect((await rt.actions.read(ticket))[1]).toMatchObject({
      type: 'Correspond',
      author: customer!.id,
      text: 'Are you there?',
    });

    await rt.actions.comment(ticket, 'Seems to be a regular.');
    await rt.actions.reply(ticket, 'Yes, I am Alice.');
    await eventually('the end user has the answer', () =>
      service.received(conversationId).includes('Yes, I am Alice.'),
    );
    expect(await service.view(conversationId)).toMatchObject({
      state: 'connected',
      representative: 'HUMAN',
      agent: { name: 'Alice Agent' },
    });

    await rt.actions.resolve(ticket);
    expect(await service.until(conversationId, 'closed')).toMatchObject({
      outcome: 'resolved',
      pending: 0,
      undelivered: 0,
      relayed: { inbound: 1, outbound: 1 },
    });
    expect(service.received(conversationId)).toEqual([
      WAITING,
      'Alice Agent has joined the conversation.',
      'Yes, I am Alice.',
      GOODBYE,
    ]);
    expect(conversation(conversationId)).toMatchObject({
      status: 'CLOSED',
      metadata: { handoffId, handoffCase: ticket, handoffCaseUrl: `${rt.baseUrl}/Ticket/Display.html?id=${ticket}` },
    });
    expect(await rt.actions.ticket(ticket)).toMatchObject({ Status: 'resolved' });
    expect(await rt.actions.mails(ticket)).toEqual([]);

    const next = service.say('Hello again', from);
    expect(next).not.toBe(conversationId);
    await eventually('the bot answers again', () => conversation(next).messages.length > 1);
  });

  test('carries files both ways: the end user gets links that open, the agent gets attachments', async () => {
    const { conversationId, from } = await service.handOff();
    const ticket = await ticketOf(conversationId);
    await rt.actions.attach(ticket, { name: 'form.pdf', mimeType: 'application/pdf', bytes: PDF }, 'Please sign.');
    await rt.actions.attach(ticket, { name: 'map.png', mimeType: 'image/png', bytes: PNG }, 'And come here.');
    const files = await eventually('the end user has both', () => {
      const found = conversation(conversationId).messages.filter(({ contentType }) => contentType !== 'TEXT');
      return found.length === 2 ? found : undefined;
    });
    expect(files.map(({ contentType }) => contentType)).toEqual(['DOCUMENT', 'IMAGE']);
    const downloads = files.map(({ content }) => (content as { url: string }).url);
    expect(downloads.every((url) => url.startsWith(`${service.url}/media/`))).toBe(true);
    const [form, map] = await Promise.all(
      downloads.map((url) => axios.get<Buffer>(url, { responseType: 'arraybuffer', proxy: false })),
    );
    expect([form!.data, map!.data]).toEqual([PDF, PNG]);
    expect(form!.headers).toMatchObject({
      'content-type': expect.stringContaining('application/pdf'),
      'content-disposition': expect.stringMatching(/^attachment; filename="?form\.pdf"?$/),
    });

    const content = { url: `${service.platformUrl}/photo.png`, caption: 'Like this?' };
    service.infobip.endUsers.receive({ from, contentType: 'IMAGE', content });
    const last = await eventually('the agent has the image', async () =>
      (await rt.actions.read(ticket)).find(({ files }) => files.some(({ name }) => name === 'photo.png')),
    );
    expect(last).toMatchObject({ type: 'Correspond', text: expect.stringContaining('Like this?') });
    expect(last.files).toEqual([{ name: 'photo.png', mimeType: 'image/png', bytes: PNG }]);
  });

  test('keeps messages in order both ways, while two agents answer', async () => {
    const { conversationId, from } = await service.handOff();
    const ticket = await ticketOf(conversationId);
    const words = (prefix: string) =>
      ['one', 'two', 'three', 'four', 'five', 'six'].map((number) => `${prefix} ${number}`);
    for (const text of words('question')) service.say(text, from);
    for (const [i, text] of words('answer').entries()) {
      await rt.actAs(i < 3 ? rt.agent : rt.otherAgent).reply(ticket, text);
    }
    await eventually('all have arrived', async () => {
      const { relayed } = await service.view(conversationId);
      return relayed.inbound === 6 && relayed.outbound === 6;
    });
    const texts = (await rt.actions.read(ticket)).map(({ text }) => text);
    expect(texts.filter((text) => text.startsWith('question'))).toEqual(words('question'));
    expect(service.received(conversationId)).toEqual([
      WAITING,
      'Alice Agent has joined the conversation.',
      ...words('answer').slice(0, 3),
      'Bob Agent has joined the conversation.',
      ...words('answer').slice(3),
    ]);
  });

  test('writes what comes after the end beside it: the ticket stays resolved', async () => {
    const { conversationId, from } = await service.handOff();
    const ticket = await ticketOf(conversationId);
    service.infobip.faults.set({ webhooks: { delivery: 'never', delayMs: 0 } });
    service.say('One more thing', from);
    await rt.actions.resolve(ticket);
    await service.until(conversationId, 'closed');
    expect((await rt.actions.read(ticket)).slice(1)).toMatchObject([
      { type: 'Comment', text: 'The end user wrote after this was closed: One more thing' },
    ]);
    expect(await rt.actions.ticket(ticket)).toMatchObject({ Status: 'resolved' });
  });

  test('ends by the end user, whose last word stands in the ticket, which is resolved', async () => {
    const { conversationId, from } = await service.handOff();
    const ticket = await ticketOf(conversationId);
    service.say('/end', from);
    expect(await service.until(conversationId, 'closed')).toMatchObject({ outcome: 'ended-by-user' });
    expect((await rt.actions.read(ticket)).at(-1)).toMatchObject({ type: 'Correspond', text: '/end' });
    expect(await rt.actions.ticket(ticket)).toMatchObject({ Status: 'resolved' });
    expect(conversation(conversationId)).toMatchObject({ status: 'CLOSED' });
  });

  describeWith(chromiumMissing, "in Request Tracker's own web pages", () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await startChromium();
    });
    afterAll(() => browser?.close());

    test('an answer written and resolved on one page arrives as text, and then the handoff ends', async () => {
      const { conversationId, from } = await service.handOff();
      const { case: ref } = await service.until(conversationId, 'waiting');
      service.say('Can I still return it?', from);
      const page = await browser.newPage();
      await page.goto(ref!.url!);
      await page.fill('input[name=user]', rt.agent.username);
      await page.fill('input[name=pass]', rt.agent.password);
      await page.click('input[type=submit]');
      await page.waitForSelector('text=Can I still return it?');
      await page.goto(`${rt.baseUrl}/Ticket/Update.html?Action=Respond&DefaultStatus=resolved&id=${ref!.id}`);
      const editor = page.frameLocator('iframe.cke_wysiwyg_frame').locator('body');
      await editor.pressSequentially('Grüße – 5 € & „done“.');
      await editor.press('Enter');
      await editor.pressSequentially('Bye!');
      await page.click('input[name=SubmitTicket]');
      expect(await service.until(conversationId, 'closed')).toMatchObject({ outcome: 'resolved' });
      expect(service.received(conversationId)).toEqual([
        WAITING,
        'Alice Agent has joined the conversation.',
        'Grüße – 5 € & „done“.\n\nBye!',
        GOODBYE,
      ]);
    }, 120_000);
  });

  describe('whose answers get lost', () => {
    let proxy: LossyProxy;
    let lossy: Service;
    beforeAll(async () => {
      proxy = await startLossyProxy(rt.baseUrl);
      lossy = await startService({
        contactCenters: { rt: { ...settingsOf(rt), baseUrl: proxy.url } },
        account: { routing: [{ to: 'rt' }], watch: WATCH },
      });
    });
    afterAll(async () => {
      await lossy?.stop();
      await proxy?.stop();
    });

    test('still has one ticket for each handoff, and each message once', async () => {
      const summary = 'Answers get lost';
      proxy.loseAnswer('POST', /^\/REST\/2\.0\/ticket$/);
      const { conversationId, from } = await lossy.handOff({ summary });
      const { case: ref } = await lossy.until(conversationId, 'waiting');
      expect(await rt.actions.search(`Subject = '${summary}'`)).toEqual([ref!.id]);

      proxy.loseAnswer('POST', /^\/REST\/2\.0\/attachments/);
      for (const text of ['three', 'four']) await rt.actions.reply(ref!.id, text);
      proxy.loseAnswer('POST', /mail-gateway$/);
      for (const text of ['one', 'two']) lossy.say(text, from);
      await eventually('all have arrived', async () => {
        const { relayed } = await lossy.view(conversationId);
        return relayed.inbound === 2 && relayed.outbound === 2;
      });
      const texts = (await rt.actions.read(ref!.id)).map(({ text }) => text);
      expect(texts.filter((text) => /^(one|two)$/.test(text))).toEqual(['one', 'two']);
      expect(lossy.received(conversationId).slice(-2)).toEqual(['three', 'four']);

      proxy.loseAnswer('PUT', /^\/REST\/2\.0\/ticket\//);
      lossy.say('/end', from);
      await lossy.until(conversationId, 'closed');
      expect(await rt.actions.ticket(ref!.id)).toMatchObject({ Status: 'resolved' });
      expect(proxy.lost()).toBe(4);
    }, 120_000);
  });
});

/** Messages of end users come by webhook alone here, so that a lost webhook is found at no other time than the end. */
const WATCH = { pollEvery: '200ms', reconcileEvery: '1h' };

function settingsOf({ baseUrl, username, password }: RequestTrackerServer) {
  return { kind: 'request-tracker', baseUrl, username, password, queue: 'Chats' };
}
