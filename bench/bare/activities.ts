import axios from 'axios';

/** The call that the service makes of the desk, without its signature. */
export async function send(caseId: string, text: string): Promise<void> {
  const messages = [{ id: text, at: new Date().toISOString(), content: { kind: 'text', text } }];
  const url = `${process.env.SINK_URL}/desk/cases/${encodeURIComponent(caseId)}/messages`;
  await axios.post(url, { messages }, { proxy: false });
}
