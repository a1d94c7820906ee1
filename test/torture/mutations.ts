import type { TortureOptions } from './options';

/**
 * One protection of the service taken out, in the copy that a run is built from. A run with it has to fail: else the
 * checker would not notice if the protection were lost, or the plan does not call for it.
 */
export interface Mutation {
  name: string;
  /** What is lost with it. */
  breaks: string;
  /** Why a run must fail. */
  seenBy: string;
  file: string;
  /** Stands in the file exactly once. */
  find: string;
  replace: string;
  /** What a run needs in order to come across it. */
  options?: Partial<TortureOptions>;
}

/** Twelve conversations are one of each kind. */
export const MUTATION_OPTIONS: TortureOptions = {
  ...{ conversations: 12, messages: 12, kills: 0, seed: 1, duration: 15 },
  ...{ webhooks: true, server: 'sqlite', stall: 45, backlog: 60 },
};

export const MUTATIONS: Mutation[] = [
  {
    name: 'no-read-back',
    breaks: 'after a call with an unknown end, what is there is not looked for',
    seenBy: 'messages whose call was broken off after its effect reach the end user twice',
    file: 'activities/send.ts',
    find: 'if (!progress.isDoubtful && !sentSince) return undefined;',
    replace: 'return undefined;',
  },
  {
    name: 'no-dedupe',
    breaks: 'a handoff takes an event as often as it comes',
    seenBy: "agents' messages whose webhook comes twice reach the end user twice",
    file: 'workflows/handoff/reduce.ts',
    find: 'if (state.seen.includes(key)) return state;',
    replace: '',
  },
  {
    name: 'no-final-read',
    breaks: 'at its end a handoff does not read what no webhook has brought',
    seenBy: 'the last words of end users whose webhook is lost never reach a case',
    file: 'workflows/handoff/tracks/closing.ts',
    find: "if (!settings.platform.history || !currentCase(state)?.ref || state.conversation === 'not-found') return undefined;",
    replace: 'if (settings) return undefined;',
  },
  {
    name: 'no-case-key-check',
    breaks: 'any contact center may speak for any case',
    seenBy: 'what a strange contact center says in a case that is not its own reaches the end user',
    file: 'workflows/handoff/reduce.ts',
    find: 'if (own?.contactCenter !== event.contactCenter) return state;',
    replace: 'if (!own) return state;',
  },
  {
    name: 'no-cancellation',
    breaks: 'a call that is cut short is not waited for and goes on behind the back of what follows it',
    seenBy: 'a case whose opening was cut short comes about after the handoff has looked for it, and stays open',
    file: 'workflows/handoff/activity-options.ts',
    find: "cancellationType: 'WAIT_CANCELLATION_COMPLETED'",
    replace: "cancellationType: 'ABANDON'",
  },
  {
    name: 'no-byte-budget',
    breaks: 'a handoff keeps whatever is pending, however much it is',
    seenBy: 'a conversation with a large backlog cannot continue as a new run',
    file: 'domain/limits.ts',
    find: 'pendingContent: 128 * KIB,',
    replace: 'pendingContent: 128 * KIB * KIB,',
    // About 3.6 MB, and more signals than one run takes.
    options: { backlog: 600 },
  },
  {
    name: 'no-isolation',
    breaks: 'one conversation that cannot be read stops the reading of all others',
    seenBy: 'without webhooks nothing that end users write is found any more',
    file: 'activities/watch/reconcile.ts',
    find: 'if (!(error instanceof VendorError)) throw error;',
    replace: 'throw error;',
    options: { webhooks: false },
  },
  {
    name: 'no-janitor',
    breaks: 'nobody looks for conversations whose handoff was ended by force',
    seenBy: 'the conversation of a terminated workflow is never given back to the bot',
    file: 'workflows/janitor.ts',
    find: 'return sweep(input);',
    replace:
      'return input.account ? { running: 0, registered: 0, closedConversations: 0, closedCases: 0, alerts: 0 } : sweep(input);',
  },
];

export function mutationNamed(name: string): Mutation {
  const found = MUTATIONS.find((one) => one.name === name);
  if (found) return found;
  throw new Error(`there is no mutation '${name}'; known: ${MUTATIONS.map((one) => one.name).join(', ')}`);
}

/** The source without the protection. Throws where the source has changed and the table has to follow. */
export function mutated(source: string, { name, file, find, replace }: Mutation): string {
  if (source.split(find).length !== 2) throw new Error(`mutation '${name}': '${find}' does not stand once in ${file}`);
  return source.replace(find, () => replace);
}
