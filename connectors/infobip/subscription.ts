import { z } from 'zod';
import type { Http } from '../shared/http';
import type { SubscriptionPlan } from '../platform';
import { VendorError } from '../shared/errors';
import { ask, query } from './http';
import { readPages } from './paging';
import type { InfobipSettings } from './settings';

const SUBSCRIPTIONS = '/subscriptions/1/subscription/CUSTOMER_ENGAGEMENT';
const PROFILES = '/subscriptions/1/profiles';

/** As subscriptions name them; webhooks call the first `INBOUND_MESSAGE`. */
const EVENTS = ['CONVERSATION_MESSAGE_RECEIVED', 'CONVERSATION_STATUS_UPDATED'];

/** Infobip's own defaults are not published. An answer takes Temporal's acceptance of the event. */
const NEW_PROFILE = { connectTimeout: 5_000, readTimeout: 20_000 };

const subscription = z.looseObject({
  subscriptionId: z.string(),
  profile: z.looseObject({ profileId: z.string().optional() }).nullish(),
  events: z.array(z.unknown()).nullish(),
});
type Subscription = z.output<typeof subscription>;

const profile = z.looseObject({
  profileId: z.string(),
  webhook: z.looseObject({ notifyUrl: z.string().optional() }).nullish(),
});
type Profile = z.output<typeof profile>;

/** What pointing Infobip's webhook at `url` would do. Secrets in URLs, ours and others', stay out of its words. */
export async function planSubscription(
  http: Http,
  webhook: InfobipSettings['webhook'],
  url: string,
): Promise<SubscriptionPlan> {
  const limit = webhook.mode === 'subscription' ? 512 : 255;
  if (url.length > limit)
    throw new VendorError(
      'rejected',
      `Infobip: a webhook's URL has at most ${limit} characters, this has ${url.length}`,
    );
  return webhook.mode === 'subscription' ? planProfile(http, webhook, url) : planAccountConfiguration(http, url);
}

async function planProfile(http: Http, webhook: InfobipSettings['webhook'], url: string): Promise<SubscriptionPlan> {
  const { subscriptionId } = webhook;
  const subscriptions = await list(http, 'get subscriptions', SUBSCRIPTIONS, subscription, (s) => s.subscriptionId);
  const profiles = await list(http, 'get profiles', PROFILES, profile, (p) => p.profileId);
  const own = subscriptions.find((found) => found.subscriptionId === subscriptionId);
  const ownProfileId = own?.profile?.profileId;
  const profileId = webhook.profileId ?? ownProfileId ?? subscriptionId;
  const holder = profiles.find((found) => found.profileId === profileId);
  const profileIsRight = holder?.webhook?.notifyUrl === url;
  const subscriptionIsRight = ownProfileId === profileId && EVENTS.every((event) => own?.events?.includes(event));
  const sharing = subscriptions.filter((other) => other !== own && other.profile?.profileId === profileId);
  const replaced = [
    holder && !profileIsRight && `the URL of profile '${profileId}', which is ${urlOf(holder)}`,
    own && !subscriptionIsRight && `profile and events of subscription '${subscriptionId}'`,
  ];
  return {
    current: own
      ? `subscription '${subscriptionId}' at ${urlOf(profiles.find((found) => found.profileId === ownProfileId))}`
      : `no subscription '${subscriptionId}'`,
    wanted: `subscription '${subscriptionId}' with profile '${profileId}' at ${masked(url)}, events ${EVENTS.join(', ')}`,
    replaces: replaced.filter(Boolean).join(' and ') || undefined,
    warnings: profileIsRight ? [] : sharedWarnings(profileId, sharing),
    unchanged: profileIsRight && subscriptionIsRight,
    async apply() {
      if (!profileIsRight) await putProfile(http, profileId, holder, url);
      if (!subscriptionIsRight) await putSubscription(http, subscriptionId, own, profileId);
    },
  };
}

function urlOf(holder: Profile | undefined): string {
  return holder?.webhook?.notifyUrl ? masked(holder.webhook.notifyUrl) : 'no URL';
}

function sharedWarnings(profileId: string, sharing: Subscription[]): string[] {
  const ids = sharing.map(({ subscriptionId }) => `'${subscriptionId}'`).join(', ');
  return ids ? [`Profile '${profileId}' also serves ${ids}: its events will come to the new URL too.`] : [];
}

/** A profile's URL changes through the profile only, and what a PUT leaves out is gone. */
async function putProfile(http: Http, profileId: string, existing: Profile | undefined, url: string): Promise<void> {
  if (!existing) {
    const data = { profileId, webhook: { notifyUrl: url, contentType: 'application/json' }, ...NEW_PROFILE };
    await http.request('create profile', { method: 'POST', url: PROFILES, data });
    return;
  }
  const { profileId: _, ...kept } = existing;
  const data = { ...kept, webhook: { ...existing.webhook, notifyUrl: url } };
  await http.request('update profile', { method: 'PUT', url: `${PROFILES}/${encodeURIComponent(profileId)}`, data });
}

/** Creating and updating take different bodies: only the first names the subscription. */
async function putSubscription(
  http: Http,
  subscriptionId: string,
  existing: Subscription | undefined,
  profileId: string,
): Promise<void> {
  if (!existing) {
    const data = { subscriptionId, name: 'Durable Handoff', events: EVENTS, profile: { profileId } };
    await http.request('create subscription', { method: 'POST', url: SUBSCRIPTIONS, data });
    return;
  }
  const { subscriptionId: _, events, ...kept } = existing;
  const missing = EVENTS.filter((event) => !events?.includes(event));
  const data = { ...kept, events: [...(events ?? []), ...missing], profile: { profileId } };
  const url = `${SUBSCRIPTIONS}/${encodeURIComponent(subscriptionId)}`;
  await http.request('update subscription', { method: 'PUT', url, data });
}

/** One URL per Infobip account, which can be set and not be read. */
function planAccountConfiguration(http: Http, url: string): SubscriptionPlan {
  return {
    wanted: `the account configuration's webhook at ${masked(url)}`,
    replaces: 'the URL of the account configuration, if there is one: an account has one only',
    warnings: [
      'Infobip cannot tell which URL is set now.',
      'Infobip removes this way on 2026-12-31; its successor is `webhook.mode: subscription`.',
    ],
    unchanged: false,
    async apply() {
      const config = { method: 'PUT', url: '/ccaas/1/account/configuration', data: { webhookUrl: url } };
      await http.request('update account configuration', config);
    },
  };
}

/** The most these listings put on a page; they page by other names than conversations do. */
const PAGE_SIZE = 100;

function list<S extends z.ZodType>(
  http: Http,
  operation: string,
  url: string,
  item: S,
  idOf: (found: z.output<S>) => string,
): Promise<z.output<S>[]> {
  const answer = z.object({ results: z.array(item) });
  return readPages(async (page) => {
    const { results } = await ask(http, operation, { url, params: query({ page, size: PAGE_SIZE }) }, answer);
    return { items: results, unreadable: [], size: PAGE_SIZE };
  }, idOf);
}

/** Where a webhook goes, without the last part of its path and its query: that is where secrets are. */
function masked(url: string): string {
  if (!URL.canParse(url)) return '(no URL)';
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.slice(0, pathname.lastIndexOf('/') + 1)}***`;
}
