import type { HandoffView } from '../domain/handoff';

export interface ServiceOptions {
  apiUrl: string;
  /** A key that may start handoffs: the bot's. */
  botKey: string;
  /** A key that may read handoffs: for what the page shows. The browser never gets it. */
  readKey: string;
}

export interface HandoffReading {
  handoff?: Omit<HandoffView, 'replyTo'> & { temporalUiUrl?: string };
  /** Why it could not be read, in words for a person. Absent also where there simply is no handoff. */
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

/** The service as its callers see it: by its API alone. */
export interface Service {
  /** The bot's handoff call. Throws where the service did not accept it. */
  start(call: HandoffRequest): Promise<void>;
  read(handoffId: string): Promise<HandoffReading>;
}

/** Of the bot's call; as a bot's designer would set it. */
const ATTEMPTS = 3;
const CALL_TIMEOUT_MS = 5_000;
const READ_TIMEOUT_MS = 4_000;

export function createService(options: ServiceOptions): Service {
  return { start: (call) => start(options, call), read: (handoffId) => read(options, handoffId) };
}

/** The call may be repeated: it finds the handoff that an earlier attempt has started. */
async function start({ apiUrl, botKey }: ServiceOptions, call: HandoffRequest): Promise<void> {
  let failure = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      const answer = await fetch(`${apiUrl}/v1/handoffs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${botKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(call),
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
  throw new Error(`the service did not take the handoff: ${failure}`);
}

async function read({ apiUrl, readKey }: ServiceOptions, handoffId: string): Promise<HandoffReading> {
  try {
    const answer = await fetch(`${apiUrl}/v1/handoffs/${encodeURIComponent(handoffId)}`, {
      headers: { authorization: `Bearer ${readKey}` },
      signal: AbortSignal.timeout(READ_TIMEOUT_MS),
    });
    const body = (await answer.json()) as HandoffReading['handoff'] & { detail?: string; title?: string };
    if (answer.ok) return { handoff: body };
    if (answer.status === 404) return {};
    return {
      problem: `The handoff cannot be read: ${body.detail ?? body.title ?? `the API answered ${answer.status}`}`,
    };
  } catch {
    return {
      problem: `The API at ${apiUrl} cannot be reached. Webhooks are sent again until it is back, so nothing is lost meanwhile.`,
    };
  }
}
