import { pipeline, Transform, type Readable, type TransformCallback } from 'node:stream';
import { VendorError } from '../shared/errors';

/** No quote inside a JSON string is bare, so this is met at the member alone, wherever it stands. */
const OPENING = /"Content"\s*:\s*"/;
const LONGEST_OPENING = 64;

/**
 * The bytes of an attachment, decoded while its JSON arrives: its member `Content` is base64 in lines, each ended by an
 * escaped line feed. To destroy what is returned ends the download.
 */
export function contentOf(json: Readable): Readable {
  return pipeline(json, new ContentDecoder(), () => undefined);
}

class ContentDecoder extends Transform {
  /** What has arrived and not been decoded. */
  private rest = '';
  private state: 'before' | 'inside' | 'after' = 'before';

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.state === 'after') return done();
    this.rest += chunk.toString('latin1');
    if (this.state === 'before' && !this.skipToContent()) return done();
    done(null, this.decode());
  }

  override _flush(done: TransformCallback): void {
    // An attachment without content has no such string.
    const isWhole = this.state === 'after' || (this.state === 'before' && this.rest.trimEnd().endsWith('}'));
    done(isWhole ? null : new VendorError('unavailable', 'Request Tracker: reading an attachment broke off'));
  }

  private skipToContent(): boolean {
    const opening = OPENING.exec(this.rest);
    if (!opening) {
      this.rest = this.rest.slice(-LONGEST_OPENING);
      return false;
    }
    this.rest = this.rest.slice(opening.index + opening[0].length);
    this.state = 'inside';
    return true;
  }

  private decode(): Buffer {
    const end = this.rest.indexOf('"');
    if (end >= 0) this.state = 'after';
    const usable = end >= 0 ? end : this.rest.length - (this.rest.endsWith('\\') ? 1 : 0);
    const letters = this.rest
      .slice(0, usable)
      .replace(/\\[nr]/g, '')
      .replaceAll('\\/', '/');
    const whole = end >= 0 ? letters.length : letters.length - (letters.length % 4);
    this.rest = letters.slice(whole) + this.rest.slice(usable);
    return Buffer.from(letters.slice(0, whole), 'base64');
  }
}
