import type { Call, CallOf, Result } from '../../workflows/handoff/calls';
import type { CaseStatus } from '../../domain/handoff';

/** How a call ends: as asked, refused for a reason, cut short or out of time, before or after it had its effect. */
export type End =
  | 'done'
  | 'rejected'
  | 'too-large'
  | 'not-found'
  | 'conversation-closed'
  | 'case-closed'
  | 'no-agents'
  | 'timed-out'
  | 'timed-out-after'
  | 'interrupted-before'
  | 'interrupted-after';

export interface Delivered {
  id: string;
  representative?: string;
}

/**
 * Both vendors as one small model: what they hold is what the handoff's calls have really done, so that tests compare
 * it with what should have been done.
 */
export class World {
  conversation: 'open' | 'closed' = 'open';
  readonly cases = new Map<string, { status: CaseStatus; messages: string[]; notes: string[] }>();
  readonly toEndUser: string[] = [];
  private readonly announced = new Set<string>();
  /** Everything that was done, in order. */
  readonly log: string[] = [];

  /** Performs a call to its end. `failAfter`: so many of a batch get through before it fails. */
  perform(call: Call, end: End, since: string): Result {
    // Who has this announcement already says so again: it has an id of ours.
    const isKnown = call.activity === 'announce' && this.announced.has(call.request.eventId);
    if (isKnown && !end.startsWith('interrupted')) return { call, ok: true } as Result;
    const hasEffect = end === 'done' || end.endsWith('-after');
    // An effect that nobody has seen is in no progress.
    const progress = this.readBack(call);
    const answer = hasEffect ? this.effect(call) : undefined;
    if (end === 'done') return { call, ok: true, answer } as Result;
    const failure = end.replace(/-(before|after)$/, '');
    // A leaving that the platform refuses for good counts as done: nothing else can be said of it.
    const isRefused = failure !== 'interrupted' && call.activity === 'announce' && call.request.change === 'left';
    if (isRefused) this.effect(call);
    return { call, ok: false, failure, detail: end, progress, since } as unknown as Result;
  }

  /** What a call that reads back finds done before it fails. */
  private readBack(call: Call): unknown[] {
    if (call.activity !== 'append' || !call.request.again) return [];
    const there = this.cases.get(call.request.case.id)!.messages;
    const ids = call.request.messages.map(({ id }) => id);
    const first = ids.findIndex((id) => !there.includes(id));
    return first < 0 ? ids : ids.slice(0, first);
  }

  private effect(call: Call): unknown {
    switch (call.activity) {
      case 'gather':
        return { tags: [], attributes: {}, messageIds: [] };
      case 'openCase':
        return this.open(call.request.key);
      case 'append':
        return this.append(call);
      case 'note':
        return this.note(call.request.case.id, call.request);
      case 'noteEarlierCase':
        return this.note(call.request.key, call.request);
      case 'readSettings':
        throw new Error('a handoff that runs reads no settings');
      case 'send':
        return this.send(call);
      case 'say':
        return this.say(call);
      case 'announce':
        if (!this.announced.has(call.request.eventId)) {
          this.toEndUser.push(`${call.request.change} ${call.request.agent.name}`);
        }
        this.announced.add(call.request.eventId);
        return undefined;
      case 'readMissed':
        return { messages: [], more: false };
      case 'checkConversation':
        return { status: this.conversation };
      case 'closeConversation':
        this.conversation = 'closed';
        this.log.push('close-conversation');
        return { status: 'closed' };
      case 'checkCase':
        return this.check(call.request.key);
      case 'closeCase':
        this.log.push(`close-case ${call.request.key}`);
        this.close(call.request.key);
        return undefined;
      case 'link':
        return undefined;
    }
  }

  private open(key: string): { id: string } {
    if (!this.cases.has(key)) this.cases.set(key, { status: 'open', messages: [], notes: [] });
    return { id: key };
  }

  private check(key: string): unknown {
    const found = this.cases.get(key);
    return found ? { status: found.status, ref: { id: key } } : { status: 'not-found' };
  }

  close(key: string): void {
    const found = this.cases.get(key);
    if (found) found.status = 'closed';
  }

  /** With `again` what is there is found and not appended twice, as the activity does it. */
  private append({ request }: CallOf<'append'>): { appended: string[] } {
    const { messages } = this.cases.get(request.case.id)!;
    const ids = request.messages.map(({ id }) => id);
    messages.push(...ids.filter((id) => !(request.again && messages.includes(id))));
    return { appended: ids };
  }

  /** A note that is there already is not written again: its id is the same at every attempt. */
  private note(key: string, { noteId, text }: { noteId: string; text: string }): void {
    const { notes = [] } = this.cases.get(key) ?? {};
    if (!notes.some((one) => one.startsWith(`${noteId} `))) notes.push(`${noteId} ${text}`);
  }

  private send({ request }: CallOf<'send'>): unknown[] {
    const { messages, representative, sentSince, partsSent } = request;
    const speaker = representative.type === 'HUMAN' ? representative.agent.name : 'BOT';
    return messages.map(({ id }) => {
      const line = `${speaker}: ${id}`;
      const isThere = sentSince !== undefined && partsSent === 0 && this.toEndUser.includes(line);
      if (!isThere) this.toEndUser.push(line);
      return { id, platformId: `p-${id}`, isLast: true };
    });
  }

  private say({ request }: CallOf<'say'>): { platformId: string } {
    const line = `BOT: ${request.messageId.split('/').slice(1).join('/')}`;
    if (!(request.sentSince && this.toEndUser.includes(line))) this.toEndUser.push(line);
    return { platformId: `p-${request.messageId}` };
  }
}
