import { randomUUID } from 'node:crypto';
import express, { type RequestHandler } from 'express';
import { z } from 'zod';
import type { Journal } from '../shared/journal';
import type { AgentApi } from './agent-api';
import { ApiError } from './errors';
import type { Representative, Suggestion } from './model';
import { isSignedWith } from './webhooks';

/** What the bot tells the handoff service: nobody can read the conversation later, so its past goes along. */
export interface BotHandoff {
  conversationId: string;
  language?: string;
  customer: { name?: string };
  attributes: Record<string, string>;
  history: { id: string; author: 'end-user' | 'bot'; at: string; text: string }[];
}

/** How the bot hands over. */
export interface HandoffCall {
  call(handoff: BotHandoff): Promise<unknown>;
}

const webhookSchema = z.object({
  conversationId: z.string(),
  message: z.object({ messageId: z.string(), text: z.string() }).optional(),
  suggestionResponse: z.object({ text: z.string() }).optional(),
  requestId: z.string().optional(),
  sendTime: z.string(),
  context: z
    .object({
      entryPoint: z.string(),
      userInfo: z.object({ displayName: z.string(), userDeviceLocale: z.string() }).partial(),
      resolvedLocale: z.string(),
    })
    .partial()
    .default({}),
});
type BotWebhook = z.output<typeof webhookSchema>;

const ASKS_FOR_PERSON = /\b(agents?|humans?|persons?|people|someone|somebody|problem|complaint)\b/i;
const SMALL_TALK: readonly [RegExp, string][] = [
  [/\b(hi|hello|hey)\b/i, 'Hello! What can I do for you?'],
  [/\b(orders?|parcel|delivery)\b/i, 'Your order left our warehouse yesterday and should arrive tomorrow.'],
  [/\b(open|opening|hours)\b/i, 'We are open from Monday to Saturday, 9 am to 8 pm.'],
  [/\b(thanks?|thank you)\b/i, 'You are welcome!'],
];
const NOT_UNDERSTOOD = 'Sorry, I did not understand that. You can ask for a person at any time.';
const PASSED_ALONG = 'Thanks for contacting us. A live agent will take over as soon as one is available.';
const NOBODY = 'Sorry, I cannot reach anybody right now. Please try again in a moment.';
const SUGGESTIONS: Suggestion[] = [
  { reply: { text: 'Opening hours', postbackData: 'opening-hours' } },
  { liveAgentRequest: {} },
];

interface Options {
  api: AgentApi;
  /** Signs the webhooks; the bot accepts no others. */
  key: string;
  shownAs: Omit<Representative, 'representativeType'>;
  handoff?: HandoffCall;
  journal: Journal;
  now: () => number;
}

/** The business's chatbot: it gets what the service passes on outside a handoff, and answers as BOT through the API. */
export class Bot {
  private readonly seen = new Set<string>();
  private readonly transcripts = new Map<string, BotHandoff['history']>();

  constructor(private readonly options: Options) {}

  readonly receive: RequestHandler[] = [
    express.raw({ type: () => true }),
    async (req, res) => {
      const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
      if (!isSignedWith(this.options.key, body, req.get('x-goog-signature'))) return void res.status(401).end();
      const { success, data } = webhookSchema.safeParse(JSON.parse(body.toString()));
      if (success) await this.handle(data);
      res.json({});
    },
  ];

  /** Forgets all conversations. */
  clear(): void {
    this.seen.clear();
    this.transcripts.clear();
  }

  /** A webhook may come again; what is no message is none of the bot's business. */
  private async handle(webhook: BotWebhook): Promise<void> {
    const { conversationId, message, suggestionResponse, requestId, sendTime } = webhook;
    const said = message ?? suggestionResponse;
    const id = message?.messageId ?? requestId;
    if (!said || id === undefined || this.seen.has(id)) return;
    this.seen.add(id);
    this.remember(conversationId, { id, author: 'end-user', at: sendTime, text: said.text });
    if (ASKS_FOR_PERSON.test(said.text)) return this.handOver(webhook);
    const reply = SMALL_TALK.find(([pattern]) => pattern.test(said.text))?.[1] ?? NOT_UNDERSTOOD;
    this.say(conversationId, reply, SUGGESTIONS);
  }

  private async handOver({ conversationId, context }: BotWebhook): Promise<void> {
    const { userInfo, resolvedLocale: language, entryPoint } = context;
    try {
      await this.options.handoff?.call({
        conversationId,
        language,
        customer: { name: userInfo?.displayName },
        attributes: entryPoint ? { entryPoint } : {},
        history: this.transcripts.get(conversationId) ?? [],
      });
      this.say(conversationId, PASSED_ALONG);
    } catch {
      this.say(conversationId, NOBODY, SUGGESTIONS);
    }
  }

  /** The bot is held to the same limits as everybody; what the API refuses is written down and not said. */
  private say(conversationId: string, text: string, suggestions?: Suggestion[]): void {
    const { api, shownAs, journal, now } = this.options;
    const id = randomUUID();
    const message = { messageId: id, text, representative: { ...shownAs, representativeType: 'BOT' }, suggestions };
    try {
      api.createMessage(conversationId, message);
      journal.append('bot', { conversationId, message });
      this.remember(conversationId, { id, author: 'bot', at: new Date(now()).toISOString(), text });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      journal.append('bot', { conversationId, message, refused: error.message });
    }
  }

  private remember(conversationId: string, entry: BotHandoff['history'][number]): void {
    const transcript = this.transcripts.get(conversationId) ?? [];
    this.transcripts.set(conversationId, [...transcript, entry]);
  }
}
