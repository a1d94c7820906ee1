import type { InboundMessage, MessageContent } from '../../domain/message';
import { isSignedStorageUrl } from './image';
import { webhookId, type Payload } from './payload';

interface Said {
  id?: string;
  createTime?: string;
  content: MessageContent;
}

/** What a webhook says to an agent, as messages of the end user's. Only its words: it may be nothing. */
export function inboundMessages(payload: Payload, receivedAt: Date): InboundMessage[] {
  const { sendTime, context } = payload;
  const readers = [message, suggestionResponse, surveyResponse, authenticationResponse, dialogflowResponse];
  const said = readers.flatMap((read) => read(payload) ?? []);
  const ownId = webhookId(payload);
  const author = context?.userInfo?.displayName;
  return [...said, ...(said.length > 0 ? places(payload) : [])].map(({ id, createTime, content }, i) => ({
    // A second message of the same webhook must not look like the first one come again.
    id: id ?? (i === 0 ? ownId : `${ownId}/${i + 1}`),
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
  const sent = response?.autoRespondedMessages?.flatMap((answer) => answer?.message?.text ?? []) ?? [];
  const text = sent.length > 0 ? sent.join(' ') : faqAnswer(response);
  return text
    ? { content: { kind: 'other', type: 'automatic-answer', text: `[automatic answer: ${text}]` } }
    : undefined;
}

/** The likeliest answer is the one that was sent, unless the platform says that it sent none. */
function faqAnswer(response: Payload['dialogflowResponse']): string | undefined {
  if (response?.autoResponded === false) return undefined;
  const answers = response?.faqResponse?.answers?.filter((answer) => answer?.faqAnswer) ?? [];
  const [best] = answers.sort((one, other) => (other?.matchConfidence ?? 0) - (one?.matchConfidence ?? 0));
  return best?.faqAnswer;
}

/**
 * The places a message comes from. Each is known by itself, so that a handoff has it once and not with every message.
 */
function places({ context }: Payload): Said[] {
  const { placeId, nearPlaceId } = context ?? {};
  return [
    ...(placeId ? [place('place', placeId)] : []),
    ...(nearPlaceId && nearPlaceId !== placeId ? [place('near', nearPlaceId)] : []),
  ];
}

function place(label: 'place' | 'near', placeId: string): Said {
  const query = encodeURIComponent(placeId);
  const map = `https://www.google.com/maps/search/?api=1&query=${query}&query_place_id=${query}`;
  return {
    id: `${label}/${placeId}`,
    content: { kind: 'other', type: 'place', text: `[${label}: ${placeId} ${map}]` },
  };
}

/** Times come with nanoseconds; ours have milliseconds. */
function firstTime(times: (string | undefined)[], otherwise: Date): string {
  const known = times.find((time) => time !== undefined && !Number.isNaN(Date.parse(time)));
  return (known === undefined ? otherwise : new Date(known)).toISOString();
}
