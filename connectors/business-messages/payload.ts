import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What a webhook may hold. Only what is relied on has to be there; a field of another shape counts as absent. */

/** Half a surrogate pair is no character, and the next system on the way may refuse it. */
const text = z
  .string()
  .min(1)
  .transform((said) => said.toWellFormed())
  .optional()
  .catch(undefined);

/** As documented a string, as sent by samples a boolean. */
const flag = z
  .union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')])
  .optional()
  .catch(undefined);

const part = <S extends z.ZodRawShape>(shape: S) => z.object(shape).optional().catch(undefined);
const list = <S extends z.ZodType>(item: S) => z.array(item).optional().catch(undefined);

const context = part({
  entryPoint: text,
  userInfo: part({ displayName: text, userDeviceLocale: text }),
  resolvedLocale: text,
  placeId: text,
  nearPlaceId: text,
  customContext: text,
  widget: part({ url: text, widgetContext: text }),
});

const dialogflowResponse = part({
  autoResponded: flag,
  autoRespondedMessages: list(part({ message: part({ text }) })),
  faqResponse: part({
    answers: list(part({ faqAnswer: text, matchConfidence: z.number().optional().catch(undefined) })),
  }),
  intentResponses: list(part({ fulfillmentMessages: list(part({ liveAgentHandoff: z.unknown() })) })),
});

export const payloadSchema = z.object({
  conversationId: z.string(),
  agent: text,
  customAgentId: text,
  requestId: text,
  sendTime: text,
  context,
  message: part({ messageId: text, text, createTime: text }),
  suggestionResponse: part({ text, postbackData: text, createTime: text, type: text, suggestionType: text }),
  userStatus: part({ isTyping: flag, requestedLiveAgent: flag, createTime: text }),
  receipts: part({ receipts: list(part({ receiptType: text })) }),
  surveyResponse: part({
    rating: text,
    feedback: text,
    questionResponseText: text,
    questionResponsePostbackData: text,
    createTime: text,
  }),
  authenticationResponse: part({
    code: text,
    redirect_uri: text,
    redirectUri: text,
    errorDetails: part({ error: text, errorDescription: text }),
  }),
  dialogflowResponse,
});
export type Payload = z.output<typeof payloadSchema>;

/** What Google posts when an address is set as a webhook; it wants to read the secret as the answer. */
export const handshakeSchema = z.object({
  clientToken: z.string(),
  secret: z.string().min(1),
  conversationId: z.undefined().optional(),
});

/**
 * What a webhook is known by, the same whenever it is delivered again: the platform's id of the request, or a digest of
 * what the end user did and when. `sendTime` counts only where nothing else tells two alike apart.
 */
export function webhookId({ requestId, context: _, sendTime, ...done }: Payload): string {
  if (requestId !== undefined) return requestId;
  const dated = Object.values(done).some((what) => typeof what === 'object' && 'createTime' in what && what.createTime);
  const identity = JSON.stringify(dated ? done : { ...done, sendTime });
  return createHash('sha256').update(identity).digest('hex');
}
