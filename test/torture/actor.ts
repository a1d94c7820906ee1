import { createHash } from 'node:crypto';
import { handoffId } from '../../domain/ids';
import type { Direction } from '../../domain/message';
import { forge } from './forgeries';
import type { ContentPlan, ConversationPlan, Step } from './plan';
import { createRandom, type Random } from './random';
import type { SentMessage } from './record';
import type { Stage } from './stage';
import { labelOf, textOfBytes } from './texts';
import type { OwnCase } from './vendors';

export const ACCOUNT = 'main';
const AGENT = { id: 'ana', name: 'Ana' };
/** An operator whose transfer was refused tries again. */
const TRANSFER_AGAIN_MS = 1_000;

/** Plays the script of one conversation: its end user, its agents, its bot and its operator. */
export class Actor {
  readonly sent: SentMessage[] = [];
  readonly unexpected: string[] = [];
  conversationId = '';
  /** The handoff may be ending: what is sent now may come too late. */
  private isEnding = false;
  private readonly from: string;

  constructor(
    readonly plan: ConversationPlan,
    private readonly stage: Stage,
    private readonly random: Random = createRandom(plan.name),
  ) {
    this.from = `CHAT-${plan.name}`;
  }

  get isBroken(): boolean {
    return this.plan.steps.some((step) => step.do === 'break');
  }

  get isOver(): boolean {
    return this.conversationId !== '' && this.stage.isClosed(this.conversationId);
  }

  async play(durationMs: number): Promise<void> {
    await this.stage.pause(this.plan.startsAt * durationMs);
    this.begin();
    for (const step of this.plan.steps) {
      await this.stage.pause(step.pauseMs);
      await this.perform(step);
      this.stage.steps++;
    }
    if (this.plan.ending !== 'terminated') await this.closeReopened();
  }

  /** The past of the conversation, before the bot hands over. */
  private begin(): void {
    const { vendors, injector } = this.stage;
    const past = Array.from({ length: this.plan.past }, (_, i) => this.text('inbound', i + 1, 60));
    const messages = past.map((text) => ({ text }));
    const { conversationId } = vendors.infobip.endUsers.addConversation({ from: this.from, messages, bot: 'paused' });
    this.conversationId = conversationId;
    injector.addConversation(conversationId, this.plan);
    const recorded = vendors.infobip.endUsers.conversation(conversationId)!.messages;
    past.forEach((text, i) => this.noteSent({ direction: 'inbound', n: i + 1, text, id: recorded[i]!.id }));
  }

  private async perform(step: Step): Promise<void> {
    this.stage.vendors.timelines.note(this.conversationId, 'script', words(step));
    switch (step.do) {
      case 'write':
        return this.write(step);
      case 'answer':
        return this.answer(step);
      case 'hand-off':
        return this.handOff(step.times);
      case 'join':
      case 'leave':
        return this.act(step.do, { agent: AGENT });
      case 'transfer':
        return this.transfer(step.to);
      case 'reopen':
        return this.reopen();
      case 'forge':
        return this.forge(step);
      case 'break':
        await this.ownCase();
        return this.stage.injector.break(this.conversationId, step.what);
      case 'await-repair':
        return this.stage.until(() => this.stage.isRepaired);
      case 'cut-opening':
        return this.cutOpening();
      case 'end':
        return this.end();
    }
  }

  private async write({ n, content, afterAnswers }: Extract<Step, { do: 'write' }>): Promise<void> {
    if (afterAnswers) await this.untilArrived('outbound');
    const { infobip } = this.stage.vendors;
    const { said, ...written } = this.inboundContent(n, content);
    const { conversationId, messageId } = infobip.endUsers.receive({ from: this.from, ...said });
    // After the end it is the beginning of another conversation, which is the bot's.
    if (conversationId === this.conversationId) this.noteSent({ direction: 'inbound', n, id: messageId, ...written });
  }

  private inboundContent(n: number, { kind, bytes }: ContentPlan) {
    const text = this.text('inbound', n, kind === 'file' ? 40 : bytes);
    if (kind === 'text') return { text, said: { text } };
    const name = `${this.plan.name}-${n}.bin`;
    const file = contentOfFile(this.random, bytes);
    this.stage.vendors.files.set(name, file);
    const content = { url: `${this.stage.platformUrl}/platform/files/${name}`, caption: text };
    return { text, file: digestOf(file), said: { contentType: 'DOCUMENT', content } };
  }

  private async answer({ n, content, afterQuestions }: Extract<Step, { do: 'answer' }>): Promise<void> {
    if (afterQuestions) await this.untilArrived('inbound');
    const text = this.text('outbound', n, content.kind === 'file' ? 40 : content.bytes);
    const file = content.kind === 'file' ? contentOfFile(this.random, content.bytes) : undefined;
    const said = file
      ? { kind: 'file', media: 'document', source: { base64: file.toString('base64') }, ...FILE, caption: text }
      : { kind: 'text', text };
    const answer = await this.atDesk('messages', { agent: AGENT, content: said });
    if (!answer) return;
    const { id } = answer as { id: string };
    this.noteSent({ direction: 'outbound', n, text, id, ...(file && { file: digestOf(file) }) });
  }

  private async handOff(times: number): Promise<void> {
    const body = {
      ...{ conversationId: this.conversationId, account: ACCOUNT },
      ...(this.plan.desk === 'backoffice' && { queue: 'backoffice' }),
    };
    const call = () => this.stage.api('/v1/handoffs', this.stage.secrets.botKey, body);
    const answers = await Promise.all(Array.from({ length: times }, call));
    const refused = answers.find(({ status }) => status !== 202 && status !== 200);
    if (refused) this.unexpected.push(`the call of the bot was answered with ${refused.status}`);
  }

  private async act(action: 'join' | 'leave', body: object): Promise<void> {
    await this.atDesk(action, body);
  }

  /** All that agents have said before is out, so that none of it can be too late. */
  private async transfer(to: string): Promise<void> {
    await this.untilArrived('outbound');
    const before = this.cases().length;
    const path = `/v1/handoffs/${encodeURIComponent(this.handoffId())}/transfer`;
    const hasMoved = () => this.cases().length > before || this.isOver;
    while (!hasMoved()) {
      const { status } = await this.stage.api(path, this.stage.secrets.operatorKey, { to });
      // Refused where the handoff has not learned of its case yet, and where a call whose answer was lost comes again.
      if (status !== 200 && status !== 409) this.unexpected.push(`the transfer was answered with ${status}`);
      await this.stage.pause(TRANSFER_AGAIN_MS);
    }
  }

  /** Its agent closes the case and thinks better of it: the handoff goes on, or the agent learns that it is over. */
  private async reopen(): Promise<void> {
    this.isEnding = true;
    await this.atDesk('close', {});
    await this.stage.pause(this.random.between(0, 300));
    await this.atDesk('reopen', {});
  }

  private async forge({ what }: Extract<Step, { do: 'forge' }>): Promise<void> {
    const own = await this.ownCase();
    const status = own && (await forge(this.stage, what, own, this.conversationId));
    if (status !== undefined) this.unexpected.push(`a forged webhook (${what}) was answered with ${status}`);
  }

  private async end(): Promise<void> {
    this.isEnding = true;
    const { ending } = this.plan;
    if (ending === 'agent') {
      await this.atDesk('close', {});
      return;
    }
    await this.ownCase();
    // Another side ends it: what agents have on the way may be too late.
    for (const one of this.sent) if (one.direction === 'outbound' && !this.hasArrived(one)) one.racing = true;
    if (ending === 'end-user') this.stage.vendors.infobip.endUsers.receive({ from: this.from, text: '/end' });
    else if (ending === 'operator') await this.command('close', {});
    else if (ending === 'elsewhere') await this.closeElsewhere();
    else await this.terminate();
  }

  private async cutOpening(): Promise<void> {
    this.isEnding = true;
    await this.stage.until(() => this.stage.injector.isOpening(this.conversationId));
    await this.command('close', {});
  }

  private async command(name: string, body: object): Promise<void> {
    await this.stage.api(
      `/v1/handoffs/${encodeURIComponent(this.handoffId())}/${name}`,
      this.stage.secrets.operatorKey,
      body,
    );
  }

  private async closeElsewhere(): Promise<void> {
    const url = `${this.stage.vendorsUrl}/platform/ccaas/1/conversations/${this.conversationId}`;
    const headers = { authorization: `App ${this.stage.secrets.infobip}` };
    while (!this.isOver) await this.stage.call(url, { method: 'PATCH', headers, body: { status: 'CLOSED' } });
  }

  private async terminate(): Promise<void> {
    const handle = this.stage.client.workflow.getHandle(this.handoffId());
    let isDone = false;
    while (!isDone) {
      isDone = await handle.terminate('by an operator').then(
        () => true,
        () => false,
      );
      await this.stage.pause(200);
    }
  }

  /** A case that an agent has opened again after the end is closed by its agent. */
  private async closeReopened(): Promise<void> {
    if (this.plan.ending !== 'agent') return;
    await this.stage.until(() => this.isOver);
    if (this.plan.steps.some((step) => step.do === 'reopen')) await this.atDesk('close', {});
  }

  /** What the agent does with the latest case; undefined where that is closed. */
  private async atDesk(action: string, body: object): Promise<unknown> {
    const own = await this.ownCase();
    if (!own) return undefined;
    const url = `${this.stage.vendorsUrl}/${own.desk}/sandbox/cases/${own.case.id}/${action}`;
    const answer = await this.stage.call(url, { body });
    if (answer.status === 200) return answer.body;
    if (!this.isEnding)
      this.unexpected.push(`${action} was answered with ${answer.status}: the case is ${own.case.status}`);
    return undefined;
  }

  /** Waits for the first case. */
  private async ownCase(): Promise<OwnCase | undefined> {
    await this.stage.until(() => this.cases().length > 0 || this.isOver);
    const own = this.cases().at(-1);
    if (!own && !this.isEnding) this.unexpected.push('the conversation was closed before it had a case');
    return own;
  }

  private cases(): OwnCase[] {
    return this.stage.vendors.cases(this.conversationId);
  }

  private handoffId(): string {
    return handoffId({ account: ACCOUNT, conversationId: this.conversationId });
  }

  private untilArrived(direction: Direction): Promise<void> {
    const all = () => this.sent.every((one) => one.direction !== direction || isOver(one) || this.hasArrived(one));
    return this.stage.until(() => all() || this.isOver);
  }

  private hasArrived({ direction, n, id }: SentMessage): boolean {
    const { arrivals } = this.stage.vendors;
    return arrivals.has(direction === 'inbound' ? id : labelOf({ conversation: this.plan.name, direction, n }));
  }

  private text(direction: Direction, n: number, bytes: number): string {
    return textOfBytes({ conversation: this.plan.name, direction, n }, bytes);
  }

  private noteSent(message: Omit<SentMessage, 'at' | 'racing' | 'bytes' | 'isUnreported'>): void {
    const bytes = Buffer.byteLength(message.text);
    this.sent.push({ ...message, bytes, at: Date.now(), racing: this.isEnding, isUnreported: false });
  }
}

const FILE = { name: 'file.bin', mimeType: 'application/octet-stream' };

/** Too large ones never arrive: nobody waits for them. */
function isOver({ bytes }: SentMessage): boolean {
  return bytes > 65_536;
}

function contentOfFile(random: Random, bytes: number): Buffer {
  const seed = random.between(0, 255);
  return Buffer.from(Array.from({ length: bytes }, (_, i) => (i * 31 + seed) % 256));
}

export function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function words(step: Step): string {
  const { do: what, pauseMs: _, ...rest } = step;
  return `${what} ${JSON.stringify(rest)}`;
}
