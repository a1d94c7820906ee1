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

/** Everything that is named has to match; an empty condition always matches. */
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
  /** The name of one of the account's contact centers, or several: each is tried where the one before does not accept. */
  to: string | string[];
  queue?: string;
  language?: string;
  priority?: Priority;
}

export interface Route {
  contactCenter: string;
  queue?: string;
  language?: string;
  priority: Priority;
  /** The contact centers to try after this one, in order. */
  fallbacks?: string[];
}

/**
 * The first rule that matches chooses the contact center. Queue, language and priority come from the call, else from
 * the rule, else from the conversation.
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
  const rule = rules.find(({ when }) => !when || matches(when, facts));
  if (!rule) return undefined;
  const [contactCenter, ...fallbacks] = [rule.to].flat();
  return {
    contactCenter: contactCenter!,
    ...(fallbacks.length > 0 && { fallbacks }),
    queue: call.queue ?? rule.queue ?? conversation.queue,
    language: call.language ?? rule.language ?? conversation.language,
    priority: call.priority ?? rule.priority ?? conversation.priority ?? 'NORMAL',
  };
}

function matches(when: RoutingCondition, facts: RoutingFacts): boolean {
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
