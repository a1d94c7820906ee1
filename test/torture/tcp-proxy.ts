import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * A network between two pieces of the service: relays connections to the targets in turn, and can be cut, slow or
 * silent. A target that refuses is passed over, as a load balancer does.
 */
export class TcpProxy {
  private readonly server = createServer((client) => this.relay(client));
  private readonly sockets = new Set<Socket>();
  private targets: number[] = [];
  private turn = 0;
  private state: 'open' | 'cut' | 'stalled' = 'open';
  private delayMs = 0;

  /** @param ports on the loopback address */
  async listen(...ports: number[]): Promise<number> {
    this.targets = ports;
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  /** Breaks all connections, and refuses new ones until {@link restore}. */
  cut(): void {
    this.state = 'cut';
    for (const socket of this.sockets) socket.destroy();
  }

  /** Lets nothing through, and breaks nothing: what was sent arrives after {@link restore}. */
  stall(): void {
    this.state = 'stalled';
    for (const socket of this.sockets) socket.pause();
  }

  /** Everything takes so much longer, each way. */
  slow(delayMs: number): void {
    this.delayMs = delayMs;
  }

  restore(): void {
    this.state = 'open';
    this.delayMs = 0;
    for (const socket of this.sockets) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private relay(client: Socket): void {
    this.track(client);
    if (this.state === 'cut') return void client.destroy();
    client.pause();
    this.dial(client, this.targets.length);
  }

  /** Connects to the next target that takes it. */
  private dial(client: Socket, attemptsLeft: number): void {
    const target = this.targets[this.turn++ % this.targets.length]!;
    const server = connect({ port: target, host: '127.0.0.1', noDelay: true });
    this.track(server);
    const refused = () => {
      if (attemptsLeft > 1 && !client.destroyed) this.dial(client, attemptsLeft - 1);
      else client.destroy();
    };
    server.once('error', refused);
    server.once('connect', () => {
      server.off('error', refused);
      client.setNoDelay(true);
      this.join(client, server);
      this.join(server, client);
      if (this.state !== 'stalled') client.resume();
    });
  }

  private join(from: Socket, to: Socket): void {
    const later = (work: () => void) =>
      this.delayMs === 0 && this.pending.get(to) === undefined ? work() : this.inOrder(to, work);
    from.on('data', (chunk) => later(() => void to.write(chunk)));
    from.once('end', () => later(() => to.end()));
    // What was written before is still to arrive, unless the connection broke.
    from.once('close', (broken) => later(() => (broken ? to.destroy() : to.destroySoon())));
  }

  /** What is delayed must not be overtaken by what comes after it. */
  private readonly pending = new Map<Socket, number>();

  private inOrder(to: Socket, work: () => void): void {
    const due = Math.max(this.pending.get(to) ?? 0, Date.now() + this.delayMs);
    this.pending.set(to, due);
    setTimeout(() => {
      work();
      if (this.pending.get(to) === due) this.pending.delete(to);
    }, due - Date.now());
  }

  private track(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.sockets.delete(socket);
      this.pending.delete(socket);
    });
    if (this.state === 'stalled') socket.pause();
  }
}
