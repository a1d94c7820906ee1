import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { businessMessages } from '../../../connectors/business-messages';
import type { Platform } from '../../../connectors/platform';
import { createBusinessMessagesSimulator, type BusinessMessagesSimulator } from '../../../sandbox/business-messages';

export const CLIENT_TOKEN = 'client-token-of-the-tests';
export const CLIENT_EMAIL = 'service@tests.iam.gserviceaccount.com';
export const KEYS = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
export const OTHER_KEYS = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

export function connect(settings: Record<string, unknown> = {}): Platform {
  const parsed = businessMessages.settings.parse({
    kind: 'business-messages',
    serviceAccount: { clientEmail: CLIENT_EMAIL, privateKey: KEYS.privateKey },
    webhook: { clientToken: CLIENT_TOKEN },
    bot: { displayName: 'Hello World Agent', avatarImage: 'https://live.agent/bot-avatar.jpg' },
    ...settings,
  });
  return businessMessages.create(parsed as { kind: string }, { account: 'main', processes: 1 });
}

export function sign(body: string, key = CLIENT_TOKEN): string {
  return createHmac('sha512', key).update(body).digest('base64');
}

export interface Running {
  url: string;
  close(): Promise<void>;
}

export async function listen(app: express.Express): Promise<Running> {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The simulator, and the connector in front of it. */
export async function startSimulator(
  settings: Record<string, unknown> = {},
): Promise<Running & { simulator: BusinessMessagesSimulator; platform: Platform }> {
  const simulator = createBusinessMessagesSimulator({
    serviceAccount: { clientEmail: CLIENT_EMAIL, publicKey: KEYS.publicKey },
    clientToken: CLIENT_TOKEN,
    webhookUrl: 'http://127.0.0.1:9/nobody-listens',
    retryScheduleMs: [],
  });
  const app = express();
  app.use('/business-messages', simulator.router);
  const server = await listen(app);
  const baseUrl = `${server.url}/business-messages`;
  const serviceAccount = { clientEmail: CLIENT_EMAIL, privateKey: KEYS.privateKey, tokenUri: `${baseUrl}/token` };
  const platform = connect({ baseUrl, serviceAccount, ...settings });
  return {
    ...server,
    simulator,
    platform,
    async close() {
      simulator.close();
      await server.close();
    },
  };
}
