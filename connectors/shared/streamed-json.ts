import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { StoredFile } from './files';

/** A request's body in JSON with whole files in it, which is never in memory as a whole. */
export class StreamedJson {
  private readonly texts: string[];
  private readonly files: StoredFile[];
  /** Bytes. */
  readonly size: number;

  /** @param build the body; what `base64` answers stands for the file's content, and goes where a string may be. */
  constructor(build: (base64: (file: StoredFile) => string) => unknown) {
    const marked = new Map<string, StoredFile>();
    const json = JSON.stringify(
      build((file) => {
        const mark = randomUUID();
        marked.set(mark, file);
        return mark;
      }),
    );
    const pieces = marked.size === 0 ? [json] : json.split(new RegExp(`(${[...marked.keys()].join('|')})`));
    this.texts = pieces.filter((_, i) => i % 2 === 0);
    this.files = pieces.filter((_, i) => i % 2 === 1).map((mark) => marked.get(mark)!);
    const inText = this.texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    this.size = this.files.reduce((sum, { size }) => sum + base64Length(size), inText);
  }

  /** The body from its beginning, as often as it is needed. */
  open(): Readable {
    return Readable.from(this.pieces(), { objectMode: false });
  }

  private async *pieces(): AsyncGenerator<string> {
    for (const [i, text] of this.texts.entries()) {
      yield text;
      const file = this.files[i];
      // The decoder keeps what is left of a piece for the next one.
      if (file) for await (const piece of file.open().setEncoding('base64')) yield piece as string;
    }
  }
}

function base64Length(bytes: number): number {
  return 4 * Math.ceil(bytes / 3);
}
