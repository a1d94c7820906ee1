import { z } from 'zod';

/** What a webhook may hold. Only what is relied on has to be there; a field of another shape counts as absent. */

const text = z.string().min(1).optional().catch(undefined);

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
  autoRespondedMessages: list(part({ message: part({ text }) })),
  intentResponses: list(part({ fulfillmentMessages: list(part({ liveAgentHandoff: z.unknown() })) })),
});

export const payloadSchema = z.object({
  conversationId: z.string().min(1),
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
