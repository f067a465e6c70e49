// A small server that receives webhooks where cgdeck runs, this machine or a test machine: a launch in the host's network.
import type { CallAnswer } from '../server/contract/calls.ts';
import type { Event } from '../server/contract/events.ts';
import type { Server } from './server.ts';
import { expect, type launcherOn } from './test.ts';

/** Prints its port, and then each body that it receives. */
const RECEIVER = `
use IO::Socket::INET;
$| = 1;
my $server = IO::Socket::INET->new(Listen => 8, LocalAddr => '127.0.0.1:0') or die $!;
print $server->sockport, "\\n";
while (my $client = $server->accept) {
  my $length = 0;
  while (my $line = <$client>) {
    $length = $1 if $line =~ /^content-length: (\\d+)/i;
    last if $line =~ /^\\r?\\n$/;
  }
  read $client, my $body, $length;
  print $body, "\\n";
  print $client "HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok";
  close $client;
}`;

/** @returns its address, and the events that it has received */
export async function launchedReceiver(
  server: Server,
  run: ReturnType<typeof launcherOn>,
): Promise<{ readonly url: string; readonly events: () => Promise<Event[]> }> {
  const { group } = await run({
    name: 'receiver',
    argv: ['perl', '-e', RECEIVER],
    namespaces: ['pid', 'mnt', 'ipc', 'uts', 'user', 'cgroup'],
    network: 'host',
  });
  const lines = async () => {
    const { chunks } = (await server.do('GET', `/output?group=${encodeURIComponent(group)}`)) as CallAnswer<'output'>;
    // The last may be a part.
    return chunks
      .map(({ text }) => text)
      .join('')
      .split('\n')
      .slice(0, -1);
  };
  await expect.poll(lines).toHaveLength(1);
  const [port] = await lines();
  return {
    url: `http://127.0.0.1:${port}`,
    events: async () => (await lines()).slice(1).flatMap((line) => (JSON.parse(line) as { events: Event[] }).events),
  };
}
