import { LOST_ANSWERS, noWebhooks, planApiFaults, planWebhookFaults, SLOW_OPENING } from './plan-faults';
import type { ContentPlan, ConversationPlan, DeskName, Ending, Forgery, PlannedFault, Step } from './plan';
import type { TortureOptions } from './options';
import type { Random } from './random';

/** The largest text that the service relays (the setting `limits.maxTextBytes`). */
export const MAX_TEXT_BYTES = 65_536;
/** Where Infobip cuts. */
const PART = 4_096;
const BACKLOG_BYTES = 6_000;

/**
 * What makes a conversation another than the rest, if anything. The kinds have fixed places, each at one of so many
 * conversations in a row, so that small runs have all of them as well.
 */
const KINDS = {
  /** Answers to messages to the end user are lost, again and again. */
  unsure: { at: 1, each: 10 },
  /** No webhook of the platform's about it ever comes, or none of its contact center's. */
  unheard: { at: 2, each: 12 },
  unheardCase: { at: 6, each: 12 },
  terminated: { at: 3, each: 40 },
  /** Every call about it fails until all others are over; it stands for the place where its calls fail. */
  brokenReads: { at: 5, each: 60 },
  brokenCase: { at: 17, each: 60 },
  brokenConversation: { at: 29, each: 60 },
  /** Another contact center speaks for its case. */
  impersonated: { at: 7, each: 30 },
  /** An operator closes it while its case is being opened. */
  hasty: { at: 9, each: 30 },
  /** More is pending than a handoff may keep. */
  backlog: { at: 11, each: 250 },
} as const;
type Kind = keyof typeof KINDS;

const BROKEN: Partial<Record<Kind, 'reads' | 'case' | 'conversation'>> = {
  brokenReads: 'reads',
  brokenCase: 'case',
  brokenConversation: 'conversation',
};

function kindOf(i: number): Kind | undefined {
  // The rarest of those whose place it is.
  const own = (Object.keys(KINDS) as Kind[]).filter((kind) => i % KINDS[kind].each === KINDS[kind].at);
  return own.sort((a, b) => KINDS[b].each - KINDS[a].each)[0];
}

/** One conversation from the end user's first words to its end. */
export function planConversation(i: number, options: TortureOptions, random: Random): ConversationPlan {
  const kind = kindOf(i);
  const desk: DeskName = random.chance(0.25) ? 'backoffice' : 'support';
  const script = new Script(random, thinkTime(options));
  const past = random.between(1, 3);
  script.inbound = past;
  const ending = endingOf(random, kind);
  if (kind === 'hasty') hasty(script);
  else usual(script, random, { kind, desk, ending, options });
  return {
    ...{ name: `c${i + 1}`, startsAt: Number((random.next() * 0.25).toFixed(4)) },
    ...{ desk, past, steps: script.steps, ending },
    apiFaults: apiFaultsOf(kind, options, random.fork('api')),
    webhookFaults: webhookFaultsOf(kind, options, random.fork('webhooks')),
  };
}

function apiFaultsOf(kind: Kind | undefined, { messages }: TortureOptions, random: Random): PlannedFault[] {
  if (kind === 'hasty') return [SLOW_OPENING];
  if (kind === 'unsure') return LOST_ANSWERS;
  return isUntouched(kind) ? [] : planApiFaults(random, messages);
}

/** Nothing else goes wrong with those that have enough to bear. */
function isUntouched(kind: Kind | undefined): boolean {
  return kind === 'terminated' || kind === 'backlog' || (kind !== undefined && kind in BROKEN);
}

function webhookFaultsOf(kind: Kind | undefined, { messages }: TortureOptions, random: Random) {
  const faults = planWebhookFaults(random, messages, !isUntouched(kind));
  if (kind === 'unheard') return { ...faults, platform: noWebhooks(messages) };
  return kind === 'unheardCase' ? { ...faults, desk: noWebhooks(messages) } : faults;
}

function endingOf(random: Random, kind: Kind | undefined): Ending {
  const usual = random.weighted<Ending>({ agent: 14, 'end-user': 2, operator: 2, elsewhere: 1 });
  if (kind === 'terminated') return kind;
  if (kind === 'hasty') return 'operator';
  return kind === undefined || kind === 'unsure' ? usual : 'agent';
}

/** Between two steps, on average: half of the run's duration is for them, the rest for what they leave to be done. */
function thinkTime({ duration, messages }: TortureOptions): number {
  return (duration * 1_000 * 0.6) / messages;
}

/** Collects steps and numbers their messages. */
class Script {
  readonly steps: Step[] = [];
  inbound = 0;
  outbound = 0;

  constructor(
    private readonly random: Random,
    private readonly thinkMs: number,
  ) {}

  written(): number {
    return this.inbound + this.outbound;
  }

  write(pauseMs = this.think(), afterAnswers = this.random.chance(0.25)): void {
    this.steps.push({ do: 'write', n: ++this.inbound, content: contentOf(this.random), afterAnswers, pauseMs });
  }

  answer(pauseMs = this.think(), afterQuestions = this.random.chance(0.35)): void {
    this.steps.push({ do: 'answer', n: ++this.outbound, content: contentOf(this.random), afterQuestions, pauseMs });
  }

  /** At once: what comes together is what races. */
  hurried(): number {
    return this.random.chance(0.5) ? 0 : this.random.between(1, 400);
  }

  think(): number {
    return this.random.chance(0.3) ? this.hurried() : Math.round(this.random.next() * 2 * this.thinkMs);
  }
}

function contentOf(random: Random): ContentPlan {
  const kind = random.weighted({ short: 88, part: 3, longer: 2, long: 2, limit: 1, over: 1, file: 3 });
  switch (kind) {
    case 'part':
      return { kind: 'text', bytes: PART + random.between(-1, 1) };
    case 'longer':
      return { kind: 'text', bytes: random.between(2 * PART, 5 * PART) };
    case 'long':
      return { kind: 'text', bytes: random.between(20_000, 40_000) };
    case 'limit':
      return { kind: 'text', bytes: MAX_TEXT_BYTES };
    case 'over':
      return { kind: 'text', bytes: MAX_TEXT_BYTES + 1 };
    case 'file':
      return { kind: 'file', bytes: random.between(1, 50_000) };
    default:
      return { kind: 'text', bytes: random.between(20, 200) };
  }
}

/** The bot's call, once or twice at the same time, and what the end user writes before there is a case. */
function opening(script: Script, random: Random): void {
  script.steps.push({ do: 'hand-off', times: random.chance(0.2) ? 2 : 1, pauseMs: 0 });
  const racing = random.between(0, 2);
  for (let i = 0; i < racing; i++) script.write(script.hurried(), false);
  if (random.chance(0.7)) script.steps.push({ do: 'join', pauseMs: script.think() });
}

function hasty(script: Script): void {
  script.steps.push({ do: 'hand-off', times: 1, pauseMs: 0 }, { do: 'cut-opening', pauseMs: 0 });
}

interface Story {
  kind: Kind | undefined;
  /** Where its case is opened. */
  desk: DeskName;
  ending: Ending;
  options: TortureOptions;
}

function usual(script: Script, random: Random, story: Story): void {
  opening(script, random);
  middle(script, random, story);
  closing(script, random, story.ending);
}

function middle(script: Script, random: Random, story: Story): void {
  const broken = BROKEN[story.kind ?? 'hasty'];
  const last = Math.max(1, story.options.messages - script.written() - 2);
  const eventAt = random.between(0, last - 1);
  for (let i = 0; i < last; i++) {
    if (i === eventAt) event(script, random, story);
    if (random.chance(0.5)) script.write();
    else script.answer();
  }
  if (story.kind === 'backlog') backlog(script, story.options.backlog);
  if (broken || story.kind === 'backlog') script.steps.push({ do: 'await-repair', pauseMs: 0 });
}

const FORGERIES: Forgery[] = ['wrong-secret', 'wrong-signature', 'old-signature', 'strange-desk', 'unknown-case'];

function event(script: Script, random: Random, { kind, desk, ending }: Story): void {
  const pauseMs = script.think();
  const broken = BROKEN[kind ?? 'hasty'];
  const to = desk === 'support' ? 'backoffice' : 'support';
  if (broken) script.steps.push({ do: 'break', what: broken, pauseMs });
  else if (kind === 'impersonated') script.steps.push({ do: 'forge', what: 'strange-desk', pauseMs });
  else if (kind === undefined && ending === 'agent' && random.chance(0.2))
    script.steps.push({ do: 'transfer', to, pauseMs });
  else if (random.chance(0.3)) script.steps.push({ do: 'forge', what: random.pick(FORGERIES), pauseMs });
  else if (random.chance(0.15)) script.steps.push({ do: 'leave', pauseMs });
}

/** While its case takes nothing. */
function backlog(script: Script, messages: number): void {
  script.steps.push({ do: 'break', what: 'case', pauseMs: 0 });
  for (let i = 0; i < messages; i++) {
    const content = { kind: 'text' as const, bytes: BACKLOG_BYTES };
    script.steps.push({
      do: 'write',
      n: ++script.inbound,
      content,
      afterAnswers: false,
      pauseMs: i % 5 === 0 ? 50 : 0,
    });
  }
}

/** The last words, some of them in the moment of the end, and what comes after it. */
function closing(script: Script, random: Random, ending: Ending): void {
  script.answer();
  if (ending === 'agent' && random.chance(0.12)) {
    script.steps.push({ do: 'reopen', pauseMs: script.hurried() });
    script.answer(script.hurried(), false);
  }
  script.write(script.think(), false);
  if (random.chance(0.5)) script.answer(0, false);
  script.steps.push({ do: 'end', pauseMs: random.chance(0.6) ? 0 : script.think() });
  // Into the conversation that is being closed, or already a new one, which is the bot's.
  if (random.chance(0.4)) script.write(script.hurried(), false);
  if (ending !== 'terminated' && random.chance(0.1)) {
    script.steps.push({ do: 'hand-off', times: 1, pauseMs: random.between(0, 3_000) });
  }
}
