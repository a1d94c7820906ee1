import { randomUUID } from 'node:crypto';
import express, { type Express, type Request } from 'express';

/** An Infobip that serves large files, and as much of Request Tracker as it takes to append them to tickets. */
export interface Vendors {
  app: Express;
  tickets(): number;
  mails(): number;
  mailSizes(): number[];
}

const FILE = Buffer.alloc(20 * 1024 * 1024 - 1_024, 'x');

export function createVendors(): Vendors {
  const app = express();
  const keys: string[] = [];
  const sizes: number[] = [];
  addInfobip(app);
  addTickets(app, keys);
  app.post('/rt/REST/1.0/NoAuth/mail-gateway', async (req, res) => {
    sizes.push(await sizeOf(req));
    res.type('text').send('ok\n');
  });
  app.use((_req, res) => void res.status(404).json({ message: 'Not Found' }));
  return { app, tickets: () => keys.length, mails: () => sizes.length, mailSizes: () => sizes };
}

async function sizeOf(req: Request): Promise<number> {
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) size += chunk.length;
  return size;
}

function addInfobip(app: Express): void {
  const conversation = '/infobip/ccaas/1/conversations/:id';
  const past = {
    ...{ id: 'past', direction: 'INBOUND', channel: 'LIVE_CHAT', from: 'end-user', to: 'bot' },
    ...{ createdAt: '2020-01-01T00:00:00.000+0000', contentType: 'TEXT', content: { text: 'Hello' } },
  };
  app.get('/infobip/whatsapp/1/senders/:sender/media/:id', (_req, res) => void res.type('application/pdf').send(FILE));
  app.get(conversation, (req, res) => void res.json({ id: req.params.id, status: 'OPEN' }));
  app.get(`${conversation}/messages`, (_req, res) => void res.json({ messages: [past], pagination: {} }));
  app.get('/infobip/ccaas/1/conversations', (_req, res) => void res.json({ conversations: [], pagination: {} }));
  app.get('/infobip/ccaas/1/tags', (_req, res) => void res.json({ tags: [], pagination: {} }));
  app.post(`${conversation}/messages`, (_req, res) => void res.json({ id: randomUUID() }));
  app.use('/infobip', (_req, res) => void res.json({}));
}

function addTickets(app: Express, keys: string[]): void {
  const rt = '/rt/REST/2.0';
  const page = { items: [], count: 0 };
  app.get(`${rt}/queue/:name`, (_req, res) => void res.json({ TicketCustomFields: [{ name: 'HandoffKey' }] }));
  app.get(`${rt}/user/:name`, (req, res) => {
    res.json({ Name: req.params.name, EmailAddress: 'end-user@example.com', Privileged: 0 });
  });
  app.post(`${rt}/ticket`, express.json({ limit: '2mb' }), (req, res) => {
    const { CustomFields } = req.body as { CustomFields: Record<string, string> };
    res.status(201).json({ id: keys.push(Object.values(CustomFields)[0]!) });
  });
  app.get(`${rt}/ticket/:id`, (req, res) => {
    const { id } = req.params;
    res.json({
      ...{ id, Status: 'open', Subject: 'Chat', Queue: { id: '1' }, Requestor: [{ id: 'end-user' }] },
      CustomFields: [{ name: 'HandoffKey', values: [keys[Number(id) - 1]] }],
    });
  });
  app.get([`${rt}/tickets`, `${rt}/transactions`], (_req, res) => void res.json(page));
  app.post(
    [`${rt}/users`, `${rt}/tickets`, `${rt}/transactions`, `${rt}/ticket/:id/attachments`],
    (_req, res) => void res.json(page),
  );
}
