// Many viewers of the stream in a process of their own, so that what they cost is not counted as the server's. Arguments: the stream's address, how many, how long in ms.
// Prints a line once each has its first frame, and then as JSON what has come in that time.
import { setTimeout } from 'node:timers/promises';
import { WebSocket } from 'ws';

const [address = '', count = '1', forMs = '10000'] = process.argv.slice(2);

let bytes = 0;
const framesOf = new Array<number>(Number(count)).fill(0);

async function open(viewer: number): Promise<void> {
  const first = Promise.withResolvers<void>();
  const socket = new WebSocket(address, { headers: { authorization: `Bearer ${process.env.CGDECK_TOKEN}` }, perMessageDeflate: false });
  socket.on('error', first.reject);
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return;
    first.resolve();
    bytes += data.length;
    framesOf[viewer] = (framesOf[viewer] ?? 0) + 1;
  });
  await first.promise;
}

for (const viewer of framesOf.keys()) await open(viewer);
framesOf.fill(0);
bytes = 0;
console.log('ready');
await setTimeout(Number(forMs));
const frames = framesOf.reduce((sum, one) => sum + one, 0);
console.log(JSON.stringify({ frames, bytes, least: Math.min(...framesOf), most: Math.max(...framesOf) }));
process.exit();
