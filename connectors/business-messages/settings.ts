import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { rateLimitSetting } from '../shared/rate-limit';
import { baseUrlSetting, httpUrlSetting } from '../shared/url-setting';

/** A PEM often comes through an environment variable, with its line ends written as `\n`. */
const privateKey = z
  .string()
  .transform((pem) => pem.replaceAll('\\n', '\n'))
  .refine(isRsaPrivateKey, 'is not an RSA private key; write it in PEM form, with its BEGIN and END lines');

const serviceAccount = z.strictObject({
  clientEmail: z.string().min(1),
  privateKey,
  tokenUri: httpUrlSetting().default('https://oauth2.googleapis.com/token'),
});
export type ServiceAccount = z.output<typeof serviceAccount>;

const webhook = z.strictObject({
  /** Signs the webhooks, and proves the handshake by which Google sets them up. */
  clientToken: z.string().min(1),
  /** Still accepted while the client token is being changed. */
  previousTokens: z.array(z.string().min(1)).default([]),
  /** What signs the webhooks of agents that were registered before there were client tokens. */
  partnerKey: z.string().min(1).optional(),
});
export type WebhookSecrets = z.output<typeof webhook>;

export const settings = z.strictObject({
  kind: z.literal('business-messages'),
  baseUrl: baseUrlSetting().default('https://businessmessages.googleapis.com'),
  serviceAccount,
  webhook,
  /** Where the bot takes webhooks: Google knows one address per agent, so outside a handoff they are passed on. */
  botUrl: httpUrlSetting().optional(),
  /** How the bot's side is shown; the service's own texts come from it. */
  bot: z.strictObject({ displayName: z.string().min(1), avatarImage: httpUrlSetting().optional() }),
  /** The picture of agents whose contact center names none. */
  defaultAgentAvatar: httpUrlSetting().optional(),
  /** Assumed: Google publishes no limit in what is left of the documentation. This one is far above what people type. */
  rateLimit: rateLimitSetting({ perSecond: 50, burst: 100 }),
  /** Asks the end user how it was, once the agent has left. */
  surveyAfterClose: z.boolean().default(false),
});
export type BusinessMessagesSettings = z.output<typeof settings>;

function isRsaPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}
