import { Webhook } from 'standardwebhooks';

/** The desk's side of the contract's signatures, written from the contract alone. */

/** Whether a call that came in is signed with the secret: `METHOD path\nbody`, the path as it follows the base URL. */
export function isSigned(
  secret: string,
  call: { method: string; path: string; body: string; headers: Record<string, string | string[] | undefined> },
): boolean {
  try {
    const payload = `${call.method} ${call.path}\n${call.body}`;
    new Webhook(secret).verify(payload, call.headers as Record<string, string>, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

/** The headers of one attempt: the event's id stays over all attempts, the time is that of this one. */
export function webhookHeaders(secret: string, id: string, body: string): Record<string, string> {
  const now = new Date();
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, now, body),
  };
}
