/**
 * What the service itself says to an end user. Each is an ICU message; null says nothing at that moment.
 * `{agent}` is the agent's name, where there is one.
 */
export const TEXT_KEYS = [
  'waiting', // the contact center has accepted the case
  'agentJoined', // on platforms that show no representative
  'agentLeft', // likewise
  'goodbye', // the agent closed the case
  'ended', // the end user ended it
  'unanswered', // nobody answered in time
  'unavailable', // no contact center took it
  'undeliverable', // a message of the end user's did not reach the agent
] as const;
export type TextKey = (typeof TEXT_KEYS)[number];
export type TextSet = Partial<Record<TextKey, string | null>>;

export interface Texts {
  /** The language spoken where the end user's is unknown or not among `languages`. */
  defaultLanguage: string;
  /** By BCP 47 language tag. */
  languages: Record<string, TextSet>;
}

/** The built-in texts; an account's settings reword or switch off each. */
export const BUILT_IN_TEXTS: Record<string, TextSet> = {
  en: {
    waiting: 'I have passed your conversation on to our team. An agent will answer you here.',
    agentJoined: '{agent} has joined the conversation.',
    agentLeft: null,
    goodbye: 'The agent has closed this conversation. Write again any time and our assistant will help you.',
    ended: 'You have ended the conversation with our team. Our assistant is here for you again.',
    unanswered: 'I am sorry, no agent could answer in time. Our assistant is here for you again.',
    unavailable: 'I am sorry, no agent can be reached at the moment. Our assistant is here for you again.',
    undeliverable: 'Your last message could not be passed on to the agent. Please try to send it in another way.',
  },
  de: {
    waiting:
      'Ich habe Ihr Gespräch an unser Team weitergegeben. Eine Mitarbeiterin oder ein Mitarbeiter antwortet Ihnen hier.',
    agentJoined: '{agent} ist dem Gespräch beigetreten.',
    agentLeft: null,
    goodbye: 'Das Gespräch wurde beendet. Schreiben Sie jederzeit wieder, unser Assistent hilft Ihnen gern.',
    ended: 'Sie haben das Gespräch mit unserem Team beendet. Unser Assistent ist wieder für Sie da.',
    unanswered: 'Leider konnte niemand rechtzeitig antworten. Unser Assistent ist wieder für Sie da.',
    unavailable: 'Leider ist gerade niemand erreichbar. Unser Assistent ist wieder für Sie da.',
    undeliverable: 'Ihre letzte Nachricht konnte nicht weitergegeben werden. Bitte senden Sie sie auf anderem Weg.',
  },
  es: {
    waiting: 'He pasado su conversación a nuestro equipo. Un agente le responderá aquí.',
    agentJoined: '{agent} se ha unido a la conversación.',
    agentLeft: null,
    goodbye: 'El agente ha cerrado la conversación. Escriba cuando quiera y nuestro asistente le ayudará.',
    ended: 'Ha terminado la conversación con nuestro equipo. Nuestro asistente vuelve a estar a su disposición.',
    unanswered: 'Lo siento, ningún agente pudo responder a tiempo. Nuestro asistente vuelve a estar a su disposición.',
    unavailable: 'Lo siento, ahora no hay ningún agente disponible. Nuestro asistente vuelve a estar a su disposición.',
    undeliverable: 'Su último mensaje no pudo llegar al agente. Por favor, envíelo de otra manera.',
  },
  fr: {
    waiting: "J'ai transmis votre conversation à notre équipe. Un conseiller vous répondra ici.",
    agentJoined: '{agent} a rejoint la conversation.',
    agentLeft: null,
    goodbye: 'Le conseiller a clos la conversation. Écrivez-nous quand vous voulez, notre assistant vous aidera.',
    ended: 'Vous avez mis fin à la conversation avec notre équipe. Notre assistant est de nouveau là pour vous.',
    unanswered: "Désolé, aucun conseiller n'a pu répondre à temps. Notre assistant est de nouveau là pour vous.",
    unavailable:
      "Désolé, aucun conseiller n'est joignable pour le moment. Notre assistant est de nouveau là pour vous.",
    undeliverable: "Votre dernier message n'a pas pu être transmis. Veuillez l'envoyer autrement.",
  },
  hr: {
    waiting: 'Vaš sam razgovor proslijedio našem timu. Agent će vam odgovoriti ovdje.',
    agentJoined: '{agent} se pridružuje razgovoru.',
    agentLeft: null,
    goodbye: 'Agent je zatvorio razgovor. Pišite nam kad god želite, naš će vam asistent pomoći.',
    ended: 'Završili ste razgovor s našim timom. Naš vam je asistent opet na raspolaganju.',
    unanswered: 'Nažalost, nijedan agent nije mogao odgovoriti na vrijeme. Naš vam je asistent opet na raspolaganju.',
    unavailable: 'Nažalost, trenutačno nema dostupnih agenata. Naš vam je asistent opet na raspolaganju.',
    undeliverable: 'Vaša posljednja poruka nije stigla do agenta. Pošaljite je, molimo, na drugi način.',
  },
  ko: {
    waiting: '상담팀에 대화를 전달했습니다. 상담사가 여기에서 답변드리겠습니다.',
    agentJoined: '{agent} 상담사가 대화에 참여했습니다.',
    agentLeft: null,
    goodbye: '상담사가 대화를 종료했습니다. 언제든지 다시 말씀해 주시면 챗봇이 도와드리겠습니다.',
    ended: '상담팀과의 대화를 종료하셨습니다. 이제 챗봇이 다시 도와드립니다.',
    unanswered: '죄송합니다. 시간 내에 답변할 수 있는 상담사가 없었습니다. 이제 챗봇이 다시 도와드립니다.',
    unavailable: '죄송합니다. 지금은 연결할 수 있는 상담사가 없습니다. 이제 챗봇이 다시 도와드립니다.',
    undeliverable: '마지막 메시지를 상담사에게 전달하지 못했습니다. 다른 방법으로 다시 보내 주세요.',
  },
  zh: {
    waiting: '我已将您的对话转给我们的团队，客服人员会在这里回复您。',
    agentJoined: '{agent} 已加入对话。',
    agentLeft: null,
    goodbye: '客服人员已结束对话。您可以随时再次留言，我们的助手会为您服务。',
    ended: '您已结束与我们团队的对话，我们的助手继续为您服务。',
    unanswered: '抱歉，没有客服人员能及时回复。我们的助手继续为您服务。',
    unavailable: '抱歉，目前没有可用的客服人员。我们的助手继续为您服务。',
    undeliverable: '您的上一条消息未能送达客服人员，请换一种方式发送。',
  },
};

/** The text of a moment in the language nearest to the end user's; undefined where it is switched off. */
export function textFor(texts: Texts, key: TextKey, language: string | undefined): string | undefined {
  const tags = Object.keys(texts.languages);
  const nearest = language && nearestTag(tags, language);
  const candidates = [nearest, texts.defaultLanguage, 'en'];
  for (const tag of candidates) {
    const text = tag ? texts.languages[tag]?.[key] : undefined;
    if (text !== undefined) return text ?? undefined;
  }
  return undefined;
}

/** `de-AT` finds `de-AT`, else `de`; `pt` finds no `pt-BR`. */
function nearestTag(tags: string[], language: string): string | undefined {
  const subtags = language.toLowerCase().split(/[-_]/);
  for (let length = subtags.length; length > 0; length--) {
    const wanted = subtags.slice(0, length).join('-');
    const found = tags.find((tag) => tag.toLowerCase() === wanted);
    if (found) return found;
  }
  return undefined;
}
