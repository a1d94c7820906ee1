import { createHash } from 'node:crypto';
import type { InboundMessage, MessageContent } from '../../domain/message';
import { isSignedStorageUrl } from './image';
import type { Payload } from './payload';

interface Said {
  id?: string;
  createTime?: string;
  content: MessageContent;
}

/** What a webhook says to an agent, as messages of the end user's. Only its words: it may be nothing. */
export function inboundMessages(payload: Payload, rawBody: Buffer, receivedAt: Date): InboundMessage[] {
  const { requestId, sendTime, context } = payload;
  const readers = [message, suggestionResponse, surveyResponse, authenticationResponse, dialogflowResponse];
  const webhookId = requestId ?? createHash('sha256').update(rawBody).digest('hex');
  const author = context?.userInfo?.displayName;
  return readers
    .flatMap((read) => read(payload) ?? [])
    .map(({ id, createTime, content }, i) => ({
      // A second message of the same webhook must not look like the first one come again.
      id: id ?? (i === 0 ? webhookId : `${webhookId}/${i + 1}`),
      at: firstTime([createTime, sendTime], receivedAt),
      ...(author && { author }),
      content,
    }));
}

function message({ message }: Payload): Said | undefined {
  if (!message?.text) return undefined;
  const { messageId: id, text, createTime } = message;
  if (!isSignedStorageUrl(text)) return { id, createTime, content: { kind: 'text', text } };
  return { id, createTime, content: { kind: 'file', media: 'image', source: { url: text } } };
}

/** The suggestion's text is what the end user has said by tapping it; its postback is for the bot. */
function suggestionResponse({ suggestionResponse: tapped }: Payload): Said | undefined {
  const text = tapped?.text ?? tapped?.postbackData;
  return text ? { createTime: tapped?.createTime, content: { kind: 'text', text } } : undefined;
}

function surveyResponse({ surveyResponse: survey }: Payload): Said | undefined {
  if (!survey) return undefined;
  const { rating, questionResponseText, questionResponsePostbackData, feedback, createTime } = survey;
  const answer = questionResponseText ?? questionResponsePostbackData ?? rating;
  const line = [answer, feedback].filter(Boolean).join(', ');
  return line
    ? { createTime, content: { kind: 'other', type: 'survey', text: `[survey answer: ${line}]` } }
    : undefined;
}

/** The code signs in as the end user, and so never leaves this function. */
function authenticationResponse({ authenticationResponse: response }: Payload): Said | undefined {
  if (!response) return undefined;
  const { code, errorDetails, redirect_uri: documented, redirectUri = documented } = response;
  const at = redirectUri && URL.canParse(redirectUri) ? ` at ${new URL(redirectUri).host}` : '';
  const why = errorDetails?.errorDescription ?? errorDetails?.error;
  const text = code ? `[signed in${at}]` : `[sign-in failed${at}${why ? `: ${why}` : ''}]`;
  return { content: { kind: 'other', type: 'authentication', text } };
}

/** What the platform itself has answered out of the business's Dialogflow. */
function dialogflowResponse({ dialogflowResponse: response }: Payload): Said | undefined {
  const answers = response?.autoRespondedMessages?.flatMap((answer) => answer?.message?.text ?? []) ?? [];
  if (answers.length === 0) return undefined;
  return { content: { kind: 'other', type: 'automatic-answer', text: `[automatic answer: ${answers.join(' ')}]` } };
}

/** Times come with nanoseconds; ours have milliseconds. */
function firstTime(times: (string | undefined)[], otherwise: Date): string {
  const known = times.find((time) => time !== undefined && !Number.isNaN(Date.parse(time)));
  return (known === undefined ? otherwise : new Date(known)).toISOString();
}
