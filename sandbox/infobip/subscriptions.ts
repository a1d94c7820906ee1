import { z } from 'zod';
import { invalidFields, notFound } from './errors';

/** The events that can be subscribed to; the webhooks' own types have other names. */
export const SUBSCRIBABLE = [
  'CONVERSATION_ASSIGNMENT_UPDATED',
  'CONVERSATION_CREATED',
  'CONVERSATION_MESSAGE_DELETED',
  'CONVERSATION_MESSAGE_RECEIVED',
  'CONVERSATION_MESSAGE_UPDATED',
  'CONVERSATION_STATUS_UPDATED',
] as const;
export type Subscribable = (typeof SUBSCRIBABLE)[number];

/** Ids are part of paths and have nothing that needs encoding. */
const id = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[A-Za-z0-9._~-]+$/);

const webhook = z.strictObject({ notifyUrl: z.url().max(512), contentType: z.string().optional() });

const settings = {
  webhook: webhook.optional(),
  clientCertificateId: z.string().max(255).optional(),
  maxBucketSize: z.int().min(1).max(2000).optional(),
  windowSize: z.int().min(20).max(10_000).optional(),
  connectTimeout: z.int().min(300).max(30_000).optional(),
  readTimeout: z.int().min(1_000).max(90_000).optional(),
  enabledSSLProtocols: z.array(z.enum(['TLSv1.2', 'TLSv1.3'])).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  responseRegex: z.string().optional(),
  responseBodyRegex: z.string().optional(),
  rateLimit: z.int().min(1).max(5_000).optional(),
};

/** How a profile's webhooks authenticate. HMAC is taken and not sent: which header carries it is not published. */
const security = z.strictObject({
  authId: id,
  type: z.enum(['BASIC', 'HMAC', 'OAUTH', 'CUSTOM']).optional(),
  credentials: z.record(z.string(), z.string()).optional(),
});
const securityRef = z.strictObject({ authId: id });

const subscription = {
  name: z.string().min(1).max(255).optional(),
  events: z.array(z.enum(SUBSCRIBABLE)).max(255),
  criteria: z.array(z.record(z.string(), z.string())).max(255).optional(),
  resources: z.array(z.string().max(255)).max(255).optional(),
  users: z.array(z.string().max(255)).max(255).optional(),
};

export const newProfileSchema = z.strictObject({ profileId: id, ...settings, security: security.optional() });
export const profileChangeSchema = z.strictObject({ ...settings, security: securityRef.optional() });
export const newSubscriptionSchema = z.strictObject({ subscriptionId: id, ...subscription, profile: newProfileSchema });
/** Unlike a new one it names no id of its own, and of its profile nothing but the id. */
export const subscriptionChangeSchema = z.strictObject({
  ...subscription,
  profile: z.strictObject({ profileId: id }),
});

type Security = z.output<typeof security>;
type Profile = z.output<typeof profileChangeSchema> & { profileId: string };
type Subscription = Omit<z.output<typeof subscriptionChangeSchema>, 'profile'> & {
  subscriptionId: string;
  profileId: string;
};

/** Where a webhook goes. */
export interface Target {
  name: string;
  url: string;
  headers: Record<string, string>;
  timeoutMs?: number;
}

/** Which events the account subscribes to, and where they go: by the Subscriptions API, and by the older account configuration. */
export class Subscriptions {
  accountWebhookUrl = '';
  readonly profiles = new Map<string, Profile>();
  readonly subscriptions = new Map<string, Subscription>();
  private readonly security = new Map<string, Security>();

  create({ subscriptionId, profile, ...rest }: z.output<typeof newSubscriptionSchema>): void {
    if (this.subscriptions.has(subscriptionId)) throw invalidFields({ subscriptionId: ['already exists'] });
    if (!this.profiles.has(profile.profileId)) this.createProfile(profile);
    else if (Object.keys(profile).length > 1) {
      throw invalidFields({ profile: ['an existing profile is named by its profileId alone'] });
    }
    this.subscriptions.set(subscriptionId, { subscriptionId, ...rest, profileId: profile.profileId });
  }

  /** Replaces all of a subscription but its id. */
  change(subscriptionId: string, { profile, ...rest }: z.output<typeof subscriptionChangeSchema>): void {
    if (!this.subscriptions.has(subscriptionId)) throw notFound();
    if (!this.profiles.has(profile.profileId)) throw invalidFields({ 'profile.profileId': ['does not exist'] });
    this.subscriptions.set(subscriptionId, { subscriptionId, ...rest, profileId: profile.profileId });
  }

  createProfile({ security: given, ...profile }: z.output<typeof newProfileSchema>): void {
    if (this.profiles.has(profile.profileId)) throw invalidFields({ profileId: ['already exists'] });
    if (!profile.webhook) throw invalidFields({ 'profile.webhook': ['must not be null'] });
    if (given?.type) this.security.set(given.authId, given);
    this.profiles.set(profile.profileId, { ...profile, ...(given && { security: { authId: given.authId } }) });
  }

  /** Replaces all of a profile but its id: the only way to another webhook URL. */
  changeProfile(profileId: string, change: z.output<typeof profileChangeSchema>): void {
    if (!this.profiles.has(profileId)) throw notFound();
    this.profiles.set(profileId, { profileId, ...change });
  }

  /** Where an event goes. */
  targets(event: Subscribable): Target[] {
    return [...this.subscriptions.values()].flatMap(({ subscriptionId, events, profileId }) => {
      const profile = this.profiles.get(profileId);
      if (!profile?.webhook || !events.includes(event)) return [];
      const headers = { ...this.credentials(profile), ...profile.headers };
      const name = `subscription ${subscriptionId}`;
      return [{ name, url: profile.webhook.notifyUrl, headers, timeoutMs: profile.readTimeout }];
    });
  }

  private credentials({ security: ref }: Profile): Record<string, string> {
    const { type, credentials = {} } = this.security.get(ref?.authId ?? '') ?? {};
    if (type !== 'BASIC') return {};
    const { username = '', password = '' } = credentials;
    return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
  }
}
