const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Plain text as rich text that shows it as it is, with its line breaks and indentations. */
export function textToHtml(text: string): string {
  const escaped = text.replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
  const lines = escaped.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
  // A page shows spaces in a row as one, and at a line's start none.
  return `<p>${lines.map((line) => line.replace(/^ | (?= )/g, '\u00a0')).join('<br>')}</p>`;
}
