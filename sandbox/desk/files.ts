import { randomUUID } from 'node:crypto';

export interface DeskFile {
  mimeType: string;
  bytes: Buffer;
}

const MAX_BYTES = 128 * 1024 * 1024;

/** What agents have sent as files; the oldest go when all together grow too large. */
export class Files {
  private readonly byId = new Map<string, DeskFile>();
  private size = 0;

  keep(mimeType: string, base64: string): string {
    const id = randomUUID();
    const bytes = Buffer.from(base64, 'base64');
    this.byId.set(id, { mimeType, bytes });
    this.size += bytes.length;
    for (const [oldest, file] of this.byId) {
      if (this.size <= MAX_BYTES || oldest === id) break;
      this.byId.delete(oldest);
      this.size -= file.bytes.length;
    }
    return id;
  }

  get(id: string): DeskFile | undefined {
    return this.byId.get(id);
  }

  clear(): void {
    this.byId.clear();
    this.size = 0;
  }
}
