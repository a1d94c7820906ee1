import { z } from 'zod';
import type { ContactCenter, ContactCenterWebhook } from '../contact-center';
import { WebhookError } from '../shared/errors';
import { readAnswer, type Desk } from './call';
import { readEvent } from './events';
import { verifiedBody } from './signature';

export function webhookParser(secrets: string[]): Required<Pick<ContactCenter, 'parseWebhook'>> {
  return { parseWebhook: async (request) => Promise.resolve(readWebhook(verifiedBody(secrets, request))) };
}

/** What the desk posts to us: one event or a list, refused as a whole where one of them breaks the contract. */
function readWebhook(body: string): ContactCenterWebhook {
  const json = parsedJson(body);
  const webhook: ContactCenterWebhook = { events: [], presence: [], ignored: [] };
  (Array.isArray(json) ? (json as unknown[]) : [json]).forEach((value, i) => {
    const reading = readEvent(value);
    if ('malformed' in reading) throw new WebhookError('malformed', `event ${i}: ${reading.malformed}`);
    if ('event' in reading) webhook.events.push(reading.event);
    else if ('presence' in reading) webhook.presence.push(reading.presence);
    else webhook.ignored.push(reading.ignored);
  });
  return webhook;
}

function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new WebhookError('malformed', 'the body is not JSON');
  }
}

const page = z.object({ events: z.array(z.unknown()), cursor: z.string().min(1), more: z.boolean().default(false) });

/**
 * The feed of the same events, for those that no webhook brought. An event that breaks the contract is passed over:
 * the desk was told so when it sent the webhook, and one event must not hold up all that follow it.
 */
export function eventFeed(desk: Desk): Required<Pick<ContactCenter, 'startCursor' | 'poll'>> {
  const read = async (query: string) =>
    readAnswer('reading events', page, await desk.get('reading events', `/events${query}`));
  return {
    startCursor: async () => (await read('')).cursor,
    async poll(after) {
      const { events, cursor, more } = await read(`?${new URLSearchParams({ after }).toString()}`);
      const readings = events.map(readEvent);
      return { events: readings.flatMap((reading) => ('event' in reading ? [reading.event] : [])), cursor, more };
    },
  };
}
