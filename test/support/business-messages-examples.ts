/** The published examples; only their commas are fixed, since as published they are no JSON. */
export const TYPING = `{
  "agent": "brands/1111/agents/2222",
  "conversationId": "3333",
  "customAgentId": "live-agent-handoff",
  "requestId": "1234567890",
  "userStatus": {
    "isTyping": "true",
    "createTime": "2020-10-02T15:01:23.045123456Z"
  },
  "sendTime": "2020-10-02T15:01:24.045123456Z"
}`;
export const MESSAGE = `{
  "agent": "brands/1111/agents/2222",
  "conversationId": "3333",
  "customAgentId": "live-agent-handoff",
  "requestId": "123123123",
  "message": {
    "messageId": "4444",
    "name": "conversations/12345/messages/67890",
    "text": "Hi, I have a problem",
    "createTime": "2020-10-02T15:05:23.045123456Z"
  },
  "context": {
    "entryPoint": "PLACESHEET",
    "userInfo": {
      "displayName": "Michael",
      "userDeviceLocale": "en"
    },
    "resolvedLocale": "en"
  },
  "sendTime": "2020-10-02T15:05:24.045123456Z"
}`;

/** The published message with an id and words of its own. */
export function messageLike(messageId: string, text: string, change: object = {}) {
  const published = JSON.parse(MESSAGE) as { message: object };
  return { ...published, requestId: `r-${messageId}`, message: { ...published.message, messageId, text }, ...change };
}
