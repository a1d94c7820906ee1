import type { ContactCenter } from '../../../connectors/contact-center';
import type { Transcript, TranscriptEntry } from '../../../domain/transcript';
import { newKey, newMessage, newOpening, type Suite } from './suite';

/** Finds the case or opens it, as a handoff does at every attempt. */
async function openOnce(contactCenter: ContactCenter, key: string) {
  return (await contactCenter.findCase(key))?.ref ?? contactCenter.openCase(newOpening({ key }));
}

function transcriptOf(count: number): Transcript {
  const entries = Array.from({ length: count }, (_, i): TranscriptEntry => {
    const at = new Date(Date.UTC(2026, 10, 21, 9, 0, i)).toISOString();
    const text = `line ${i} of the conversation`;
    return i % 2 === 0
      ? { id: `t-${i}`, at, author: 'end-user', name: 'Ivana Horvat', content: { kind: 'text', text } }
      : { id: `t-${i}`, at, author: 'bot', name: 'Helper', content: { kind: 'text', text } };
  });
  return { entries };
}

/** Opening, finding and closing cases: 1 to 19. */
export function casesRequirements({ underTest, requirement }: Suite): void {
  const connect = () => underTest().connect();

  requirement(1, 'a key that no case carries finds none', async () => {
    await expect(connect().findCase(newKey())).resolves.toBeUndefined();
  });

  requirement(2, 'a new case is found by its key at once, as open, by every connection', async () => {
    const key = newKey();
    const { id } = await connect().openCase(newOpening({ key }));
    await expect(connect().findCase(key)).resolves.toMatchObject({ ref: { id }, status: 'open' });
  });

  requirement(3, 'opening again makes no second case', async () => {
    const key = newKey();
    const first = await openOnce(connect(), key);
    await expect(openOnce(connect(), key)).resolves.toMatchObject({ id: first.id });
    await expect(underTest().countCases(key)).resolves.toBe(1);
  });

  requirement(4, 'opening four times at once makes one case', async () => {
    const key = newKey();
    const refs = await Promise.all(Array.from({ length: 4 }, () => openOnce(connect(), key)));
    expect(new Set(refs.map(({ id }) => id)).size).toBe(1);
    await expect(underTest().countCases(key)).resolves.toBe(1);
  });

  requirement(5, 'keys differ by every character: case, accents, spaces and signs', async () => {
    const keys = ['a B/c?d=e&f%20', 'a b/c?d=e&f%20', 'ä', 'a', "it's 5 > 4", '字'].map((name) => newKey(name));
    const ids: string[] = [];
    for (const key of keys) ids.push((await connect().openCase(newOpening({ key }))).id);
    for (const [i, key] of keys.entries()) {
      await expect(connect().findCase(key)).resolves.toMatchObject({ ref: { id: ids[i] } });
    }
  });

  requirement(6, 'the agent reads the transcript with author and time of each line, oldest first', async () => {
    const transcript = transcriptOf(3);
    const ref = await connect().openCase(newOpening({ transcript }));
    const { transcript: lines } = await underTest().agent.view(ref);
    const first = lines.findIndex((line) => line.includes('line 0 of'));
    transcript.entries.forEach(({ at, name }, i) => {
      const line = lines[first + i];
      expect(line).toContain(`line ${i} of the conversation`);
      expect(line).toContain(name);
      expect(line).toContain(at.slice(11, 19));
    });
  });

  requirement(7, 'a transcript of 1,000 entries arrives whole and in order', async () => {
    const ref = await connect().openCase(newOpening({ transcript: transcriptOf(1_000) }));
    const { transcript: lines } = await underTest().agent.view(ref);
    const numbers = lines.flatMap((line) => / line (\d+) of the conversation/.exec(` ${line}`)?.[1] ?? []);
    expect(numbers.map(Number)).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
  });

  requirement(8, 'a case that we close is closed, by its own word too', async () => {
    const key = newKey();
    const ref = await connect().openCase(newOpening({ key }));
    await connect().close(ref, 'conversation-ended');
    await expect(underTest().agent.view(ref)).resolves.toMatchObject({ status: 'closed' });
    await expect(connect().findCase(key)).resolves.toMatchObject({ ref: { id: ref.id }, status: 'closed' });
  });

  requirement(9, 'closing twice is a success, after an agent has closed it as well', async () => {
    const ours = await connect().openCase(newOpening());
    await connect().close(ours, 'unavailable');
    await connect().close(ours, 'unavailable');
    const theirs = await connect().openCase(newOpening());
    await underTest().agent.close(theirs);
    await connect().close(theirs, 'transferred');
    await expect(underTest().agent.view(theirs)).resolves.toMatchObject({ status: 'closed' });
  });

  requirement(10, 'a late message reaches a closed case without opening it, or is refused as case-closed', async () => {
    const contactCenter = connect();
    if (contactCenter.capabilities.appendReopens) return;
    const ref = await contactCenter.openCase(newOpening());
    await underTest().agent.close(ref);
    const late = newMessage('one more thing');
    const refusal: unknown = await contactCenter.append(ref, [late]).catch((error: unknown) => error);
    const { status, messages } = await underTest().agent.view(ref);
    expect(status).toBe('closed');
    if (refusal === undefined) expect(messages).toEqual(['one more thing']);
    else expect(refusal).toMatchObject({ kind: 'case-closed' });
  });

  requirement(11, 'the features say the same as the capabilities', async () => {
    const { capabilities, webhook, poll, agentMessages } = connect();
    const signals = [...capabilities.delivery.agentMessages, ...capabilities.delivery.closure];
    expect(signals.includes('webhook')).toBe(webhook !== undefined);
    expect(signals.includes('poll')).toBe(poll !== undefined);
    expect(capabilities.rereadable).toBe(agentMessages !== undefined);
    expect(capabilities.append.messages).toBeGreaterThanOrEqual(1);
    return Promise.resolve();
  });

  requirement(12, 'open cases are listed with their keys, where the contact center can list them', async () => {
    const { openCases } = connect();
    if (!openCases) return;
    const [open, closed] = [newOpening(), newOpening()];
    const ref = await connect().openCase(open);
    await connect().close(await connect().openCase(closed), 'conversation-ended');
    const listed = await openCases.list(1_000);
    expect(listed).toContainEqual({ key: open.key, ref: expect.objectContaining({ id: ref.id }) });
    expect(listed.map(({ key }) => key)).not.toContain(closed.key);
  });
}
