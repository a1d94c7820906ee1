import { eventually } from './eventually';
import type { Service } from './service';

/** One conversation's numbered messages, and whether each of them has arrived once and in order. */
export class Exchange {
  private readonly questions: string[] = [];
  private readonly answers: string[] = [];

  constructor(
    private readonly service: Service,
    readonly conversationId: string,
    private readonly from: string,
  ) {}

  /** A conversation that is handed off at once. */
  static async begin(service: Service): Promise<Exchange> {
    const { conversationId, from } = await service.handOff();
    return new Exchange(service, conversationId, from);
  }

  /** The end user writes. */
  ask(): void {
    this.questions.push(`question ${this.questions.length + 1}`);
    this.service.say(this.questions.at(-1)!, this.from);
  }

  /** The agent of the latest case writes. */
  async reply(): Promise<void> {
    this.answers.push(`answer ${this.answers.length + 1}`);
    await this.service.agent(this.conversationId, 'messages', { agent: { name: 'Ana' }, text: this.answers.at(-1) });
  }

  /** What the agent of the latest case has: from the transcript, and message by message since. */
  private async asked(): Promise<string[]> {
    const { transcript, messages } = await this.service.deskCase(this.conversationId);
    const said = messages.flatMap((message) => (message.from === 'end-user' ? [message.content] : []));
    const all = [...transcript.entries.map(({ content }) => content), ...said];
    return all.flatMap((content) => ('text' in content && content.text.startsWith('question') ? [content.text] : []));
  }

  private replied(): string[] {
    return this.service.received(this.conversationId).filter((text) => text.startsWith('answer'));
  }

  async hasArrived(): Promise<boolean> {
    const asked = await this.asked();
    return asked.length >= this.questions.length && this.replied().length >= this.answers.length;
  }

  /** Waits until everything has arrived. */
  async untilArrived(): Promise<void> {
    await eventually(`all of ${this.conversationId} has arrived`, () => this.hasArrived(), { withinMs: 120_000 });
  }

  /** Everything has arrived once and in order, and nothing else. */
  async expectExactlyOnce(): Promise<void> {
    expect([await this.asked(), this.replied()]).toEqual([this.questions, this.answers]);
  }

  /** The agent closes the case, and the handoff ends as it should. */
  async close(): Promise<void> {
    await this.service.agent(this.conversationId, 'close');
    await this.expectClosed();
  }

  async expectClosed(): Promise<void> {
    const view = await this.service.until(this.conversationId, 'closed');
    expect(view).toMatchObject({ outcome: 'resolved', undelivered: 0 });
    await this.expectExactlyOnce();
    const { status } = this.service.infobip.endUsers.conversation(this.conversationId)!;
    expect(status).toBe('CLOSED');
  }
}
