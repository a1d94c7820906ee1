import { newMessage, newOpening, type Suite } from './suite';

/** The end user's messages and our notes: 20 to 29. */
export function messageRequirements({ underTest, requirement }: Suite): void {
  const connect = () => underTest().connect();
  const view = (ref: { id: string }) => underTest().agent.view(ref);

  requirement(20, 'messages arrive in order, in batches as large as the capabilities say', async () => {
    const contactCenter = connect();
    const { messages: size } = contactCenter.capabilities.append;
    const ref = await contactCenter.openCase(newOpening());
    const texts = Array.from({ length: size + 1 }, (_, i) => `message ${i}`);
    await contactCenter.append(
      ref,
      texts.slice(0, size).map((text) => newMessage(text)),
    );
    await contactCenter.append(ref, [newMessage(texts[size]!)]);
    expect((await view(ref)).messages).toEqual(texts);
  });

  requirement(21, 'a text of as many bytes as the capabilities say arrives whole, in any script', async () => {
    const contactCenter = connect();
    const bytes = Math.min(contactCenter.capabilities.append.bytes, 1024 * 1024);
    const ref = await contactCenter.openCase(newOpening());
    const texts = ['Ž', '字', '🙂'].map((sign) => sign.repeat(Math.floor(bytes / Buffer.byteLength(sign))));
    for (const text of texts) await contactCenter.append(ref, [newMessage(text)]);
    const { messages } = await view(ref);
    expect(messages.map((text) => Buffer.byteLength(text))).toEqual(texts.map((text) => Buffer.byteLength(text)));
    expect(messages.every((text, i) => text === texts[i])).toBe(true);
  });

  requirement(22, 'what is in a text stays as it is: markup, quotes, line breaks, signs', async () => {
    const contactCenter = connect();
    const ref = await contactCenter.openCase(newOpening());
    const text = '<b>bold</b> & "quoted"\nsecond line\n  indented {agent} $1 \\n 100 %';
    await contactCenter.append(ref, [newMessage(text)]);
    expect((await view(ref)).messages).toEqual([text]);
  });

  requirement(23, 'which messages a case has is known by their ids, and never by their text', async () => {
    const contactCenter = connect();
    const ref = await contactCenter.openCase(newOpening());
    const [there, missing] = [newMessage('yes'), newMessage('yes')];
    await contactCenter.append(ref, [there]);
    await expect(connect().findAppended(ref, [missing.id, there.id])).resolves.toEqual([there.id]);
  });

  requirement(24, 'after a lost answer the messages are found, and then count once', async () => {
    const contactCenter = connect();
    const ref = await contactCenter.openCase(newOpening());
    const message = newMessage('was it you?');
    await underTest().nextCall('lost-answer');
    await expect(contactCenter.append(ref, [message])).rejects.toMatchObject({ kind: 'ambiguous' });
    await expect(contactCenter.findAppended(ref, [message.id])).resolves.toEqual([message.id]);
    expect((await view(ref)).messages).toEqual(['was it you?']);
  });

  requirement(25, 'a note is for agents alone, and written once however often it is asked for', async () => {
    const ref = await connect().openCase(newOpening());
    await connect().note(ref, 'n-1', 'the end user has left');
    await connect().note(ref, 'n-1', 'the end user has left');
    const { notes, messages } = await view(ref);
    expect(notes.filter((note) => note.includes('the end user has left'))).toHaveLength(1);
    expect(messages).toEqual([]);
  });

  requirement(26, 'an end user who types and has read is shown without an error, where there is a place', async () => {
    const { presence } = connect();
    if (!presence) return;
    const ref = await connect().openCase(newOpening());
    await presence.show(ref, { type: 'typing' });
    await presence.show(ref, { type: 'read' });
    expect((await view(ref)).messages).toEqual([]);
  });
}
