export const PRIORITIES = ['LOW', 'NORMAL', 'HIGH', 'URGENT'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What the rules look at: the conversation's tags and metadata, and what the call itself said. */
export interface RoutingFacts {
  tags: string[];
  attributes: Record<string, string>;
  language?: string;
  queue?: string;
  priority?: Priority;
}

/** All that is named has to hold; an empty condition holds always. */
export interface RoutingCondition {
  tag?: string;
  language?: string;
  queue?: string;
  priority?: Priority;
  /** Each named attribute has this value. */
  attributes?: Record<string, string>;
}

export interface RoutingRule {
  when?: RoutingCondition;
  /** The name of one of the account's contact centers. */
  to: string;
  queue?: string;
  language?: string;
  priority?: Priority;
}

export interface Route {
  contactCenter: string;
  queue?: string;
  language?: string;
  priority: Priority;
}

/**
 * The first rule that holds decides the contact center. For queue, language and priority the call's own words
 * come first, then the rule's, then what the conversation says.
 */
export function route(
  rules: RoutingRule[],
  call: Partial<RoutingFacts>,
  conversation: RoutingFacts,
): Route | undefined {
  const facts: RoutingFacts = {
    ...conversation,
    ...defined(call),
    attributes: { ...conversation.attributes, ...call.attributes },
  };
  const rule = rules.find(({ when }) => !when || holds(when, facts));
  if (!rule) return undefined;
  return {
    contactCenter: rule.to,
    queue: call.queue ?? rule.queue ?? conversation.queue,
    language: call.language ?? rule.language ?? conversation.language,
    priority: call.priority ?? rule.priority ?? conversation.priority ?? 'NORMAL',
  };
}

function holds(when: RoutingCondition, facts: RoutingFacts): boolean {
  return (
    (when.tag === undefined || facts.tags.includes(when.tag)) &&
    (when.language === undefined || sameLanguage(when.language, facts.language)) &&
    (when.queue === undefined || when.queue === facts.queue) &&
    (when.priority === undefined || when.priority === facts.priority) &&
    Object.entries(when.attributes ?? {}).every(([key, value]) => facts.attributes[key] === value)
  );
}

/** `de` covers `de-AT`; `de-AT` covers itself alone. */
function sameLanguage(wanted: string, actual: string | undefined): boolean {
  if (!actual) return false;
  const [want, have] = [wanted.toLowerCase(), actual.toLowerCase()];
  return have === want || have.startsWith(`${want}-`);
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Partial<T>;
}
