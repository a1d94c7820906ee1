import type { ContactCenter, ContactCenterWebhook } from '../contact-center';
import { WebhookError } from '../shared/errors';
import { parseJsonBody } from '../shared/parse';
import { readEvent } from './events';
import { verifyWebhook } from './signature';

export function webhookParser(secrets: string[]): NonNullable<ContactCenter['webhook']> {
  return {
    async parse(request) {
      verifyWebhook(secrets, request);
      return Promise.resolve(readWebhook(parseJsonBody(request.rawBody)));
    },
  };
}

/** What the desk posts to us: one event or a list, refused as a whole where one of them breaks the contract. */
function readWebhook(json: unknown): ContactCenterWebhook {
  const webhook: ContactCenterWebhook = { events: [], presence: [], ignored: [] };
  (Array.isArray(json) ? (json as unknown[]) : [json]).forEach((value, i) => {
    const reading = readEvent(value);
    if ('malformed' in reading) throw new WebhookError('malformed', `event ${i}: ${reading.malformed}`);
    if ('event' in reading) webhook.events.push(reading.event);
    else if ('presence' in reading) webhook.presence.push(reading.presence);
    else if ('poll' in reading) webhook.pollNow = true;
    else webhook.ignored.push(reading.ignored);
  });
  return webhook;
}
