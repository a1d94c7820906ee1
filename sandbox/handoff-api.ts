import type { HandoffView } from '../domain/handoff';

export interface HandoffApiOptions {
  apiUrl: string;
  /** A key that may start handoffs: the bot's. */
  botKey: string;
  /** A key that may read handoffs, for what the page shows. The browser never gets it. */
  readKey: string;
}

export interface HandoffReading {
  handoff?: Omit<HandoffView, 'replyTo'> & { temporalUiUrl?: string };
  /** Why it could not be read, in words for a person. Absent when there is no such handoff. */
  problem?: string;
}

/** The body of `POST /v1/handoffs`, as far as the bots fill it in. */
export interface HandoffRequest {
  account: string;
  conversationId: string;
  language?: string;
  customer?: { name?: string };
  attributes?: Record<string, string>;
  history?: { id?: string; author: 'end-user' | 'bot'; at: string; text: string }[];
}

/** The sandbox's client for the API of Durable Handoff. */
export interface HandoffApi {
  /** The bot's handoff call. Throws when the API did not accept it. */
  start(request: HandoffRequest): Promise<void>;
  /** Never throws: a failure is a `problem`. */
  read(handoffId: string): Promise<HandoffReading>;
}

/** Of the bot's call, as a bot's designer would set them. */
const ATTEMPTS = 3;
const CALL_TIMEOUT_MS = 5_000;
const READ_TIMEOUT_MS = 4_000;

export function createHandoffApi(options: HandoffApiOptions): HandoffApi {
  return { start: (request) => start(options, request), read: (handoffId) => read(options, handoffId) };
}

/** Safe to repeat: a second call finds the handoff that the first one has started. */
async function start({ apiUrl, botKey }: HandoffApiOptions, request: HandoffRequest): Promise<void> {
  let failure = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      const answer = await fetch(`${apiUrl}/v1/handoffs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${botKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(request),
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      });
      await answer.body?.cancel();
      if (answer.ok) return;
      failure = `it answered ${answer.status}`;
      if (answer.status < 500) break;
    } catch (error) {
      failure = String(error);
    }
  }
  throw new Error(`The API at ${apiUrl} did not accept the handoff: ${failure}`);
}

async function read({ apiUrl, readKey }: HandoffApiOptions, handoffId: string): Promise<HandoffReading> {
  try {
    const answer = await fetch(`${apiUrl}/v1/handoffs/${encodeURIComponent(handoffId)}`, {
      headers: { authorization: `Bearer ${readKey}` },
      signal: AbortSignal.timeout(READ_TIMEOUT_MS),
    });
    const body = (await answer.json()) as HandoffReading['handoff'] & { detail?: string; title?: string };
    if (answer.ok) return { handoff: body };
    if (answer.status === 404) return {};
    const reason = body.detail ?? body.title ?? `the API answered ${answer.status}`;
    return { problem: `The handoff cannot be read: ${reason}` };
  } catch {
    return {
      problem: `The API at ${apiUrl} cannot be reached. Webhooks are sent again until it is back, so nothing is lost.`,
    };
  }
}
