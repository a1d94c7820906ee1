import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TcpProxy } from './tcp-proxy';

/** The network between the pieces of a run. */
const servers: Server[] = [];
const sockets: Socket[] = [];
let proxy: TcpProxy;

/** Answers each line with its name and the line. */
async function server(name: string): Promise<number> {
  const one = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => socket.write(`${name}: ${data.toString()}`));
  }).listen(0, '127.0.0.1');
  servers.push(one);
  await once(one, 'listening');
  return (one.address() as AddressInfo).port;
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
}

beforeEach(() => (proxy = new TcpProxy()));
afterEach(async () => {
  sockets.splice(0).forEach((socket) => socket.destroy());
  servers.splice(0).forEach((one) => one.close());
  await proxy.close();
});

test('connections go to the targets in turn, and past one that refuses', async () => {
  const [a, b] = [await server('a'), await server('b')];
  const port = await proxy.listen(a, b);
  expect(await ask(await dial(port), '1')).toBe('a: 1');
  expect(await ask(await dial(port), '2')).toBe('b: 2');
  servers[0]!.close();
  expect(await ask(await dial(port), '3')).toBe('b: 3');
});

test('a cut breaks what is connected and refuses what comes, until it is restored', async () => {
  const port = await proxy.listen(await server('a'));
  const before = await dial(port);
  await ask(before, '1');
  const broken = once(before, 'close');
  proxy.cut();
  await broken;
  await once(await dial(port), 'close');
  proxy.restore();
  expect(await ask(await dial(port), '2')).toBe('a: 2');
});

test('what is sent while it stalls arrives afterwards', async () => {
  const target = await server('a');
  const port = await proxy.listen(target);
  const socket = await dial(port);
  await ask(socket, '1');
  proxy.stall();
  let answer = '';
  socket.on('data', (data: Buffer) => (answer += data.toString()));
  socket.write('2');
  await ask(await dial(target), 'what could have come through would be through by now');
  expect(answer).toBe('');
  const arrived = once(socket, 'data');
  proxy.restore();
  await arrived;
  expect(answer).toBe('a: 2');
});

test('what is slow comes late and in order', async () => {
  const port = await proxy.listen(await server('a'));
  const socket = await dial(port);
  await ask(socket, '0');
  proxy.slow(60);
  const begun = performance.now();
  const answers: string[] = [];
  socket.on('data', (data: Buffer) => answers.push(data.toString()));
  socket.write('1');
  const first = once(socket, 'data');
  await first;
  expect(performance.now() - begun).toBeGreaterThanOrEqual(115);
  socket.write('2');
  await once(socket, 'data');
  expect(answers).toEqual(['a: 1', 'a: 2']);
});
