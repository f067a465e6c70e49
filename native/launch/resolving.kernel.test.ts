// Names inside a root: the host's resolv.conf wherever it is, name servers that can be reached from there, and the own host name.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { expectRefused, type Launch } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { args, asNobody, encode, everyNamespace, type Rec, sandbox, sh } from './fixtures/records.ts';

const view = [...sandbox, 'view=host'];
/** The host's network, where its loopback device can be reached. */
const hostNetwork = view.filter((record) => record !== 'ns=net');

describe.each(builds)('names in a root made by the launcher $name', (build) => {
  const bench = benchFor(build);

  /** Launches on a host whose /etc and /run the script changes, in a mount namespace of its own. */
  async function on(host: string, records: readonly Rec[]): Promise<Launch> {
    const dir = bench.outputDir();
    const etc =
      'for d in upper work; do mkdir -p $0/$d; done; mount -t overlay -o lowerdir=/etc,upperdir=$0/upper,workdir=$0/work none /etc';
    const prepare = `mount -t tmpfs none /srv; set -- /srv/etc "$@"; mkdir -p /srv/etc; ${etc.replaceAll('$0', '$1')}; shift; mount -t tmpfs none /run; ${host}\nexec "$@"`;
    const launch = await bench.send(encode([`dir=${dir}`, ...records]), dir, ['unshare', '--mount', 'sh', '-ec', prepare, 'sh']);
    await launch.ended;
    return launch;
  }

  async function read(host: string, records: readonly Rec[], script = 'cat /etc/resolv.conf'): Promise<string> {
    const launch = await on(host, [...records, ...sh(script)]);
    expect(launch.failure).toBeUndefined();
    return launch.output;
  }

  const noteOf = ({ status }: Launch) => status.find(({ step }) => step === 'view')?.note;

  /** As systemd-resolved leaves it. */
  const RESOLVED = [
    'mkdir -p /run/systemd/resolve; rm /etc/resolv.conf; ln -s ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf',
    'printf "nameserver 127.0.0.53\\noptions edns0 trust-ad\\nsearch lan\\n" > /run/systemd/resolve/stub-resolv.conf',
    'printf "nameserver 192.0.2.1\\nnameserver fe80::1%%eth0\\nsearch lan\\n" > /run/systemd/resolve/resolv.conf',
  ].join('\n');

  test('a resolv.conf that is a link below /run is there, and in a network of its own names the servers behind the local one', async () => {
    expect(await read(RESOLVED, hostNetwork)).toBe('nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch lan\n');
    expect(await read(RESOLVED, view)).toBe('nameserver 192.0.2.1\nsearch lan\n');
  });

  test('as the user nobody without a user namespace, too', async () => {
    const records = [...everyNamespace.filter((kind) => kind !== 'ns=user'), ...asNobody, 'view=host'];
    expect(await read(RESOLVED, records, 'cat /etc/resolv.conf; echo x >> /etc/resolv.conf')).toMatch(
      /^nameserver 192.0.2.1\nsearch lan\n.*Permission denied/,
    );
  });

  test('one with servers that can be reached stays as it is, of local ones the others are left', async () => {
    const plain = 'printf "nameserver 192.0.2.7\\n" > /etc/resolv.conf';
    expect(await read(plain, view, 'cat /etc/resolv.conf; grep -c resolv.conf /proc/self/mountinfo')).toBe('nameserver 192.0.2.7\n0\n');
    const mixed =
      'printf "nameserver ::1\\nnameserver\\t127.0.0.1\\n# a\\nnameserver 2001:db8::1\\nnameserver ::ffff:127.0.0.1" > /etc/resolv.conf';
    expect(await read(mixed, view)).toBe('# a\nnameserver 2001:db8::1\n');
    expect(await read('echo nameserver 127.0.0.1 > /etc/resolv.conf', view)).toMatch(/^# The host's name servers answer only on the host/);
  });

  test('a loop of links, a file of root’s own, a fifo and a huge file end no launch, and are reported', async () => {
    const cases: [string, RegExp][] = [
      ['ln -sf a /etc/b; ln -sf b /etc/a; ln -sf a /etc/resolv.conf', /links of \/etc\/resolv.conf form a loop/],
      ['echo secret > /run/secret; chmod 600 /run/secret; ln -sf /run/secret /etc/resolv.conf', /not a file that all users may read/],
      ['mkdir -m 700 /run/s; echo secret > /run/s/s; ln -sf /run/s/s /etc/resolv.conf', /not a file that all users may read/],
      ['rm /etc/resolv.conf; mkfifo /run/pipe; ln -s /run/pipe /etc/resolv.conf', /not a file that all users may read/],
      ['ln -sf /proc/kallsyms /etc/resolv.conf', /not a file that all users may read/],
    ];
    for (const [host, note] of cases) {
      const launch = await on(host, [...view, ...sh('head -n 3 /etc/resolv.conf 2>&1 || :')]);
      expect(launch.failure).toBeUndefined();
      expect(launch.output).not.toMatch(/^secret/m);
      expect(noteOf(launch)).toMatch(note);
    }
    const huge =
      'echo nameserver 127.0.0.1 > /run/huge; yes "nameserver 192.0.2.1" | head -c 1M >> /run/huge; ln -sf /run/huge /etc/resolv.conf';
    const launch = await on(huge, [...view, ...sh('wc -c < /etc/resolv.conf; tail -n 1 /etc/resolv.conf')]);
    expect(noteOf(launch)).toMatch(/only the first 64 KiB/);
    const [bytes, last] = launch.output.split('\n');
    expect(Number(bytes)).toBeGreaterThan(60_000);
    expect(Number(bytes)).toBeLessThanOrEqual(65_536);
    expect(last).toBe('nameserver 192.0.2.1');
    expect(await read('rm /etc/resolv.conf', view, 'ls /etc/resolv.conf 2>&1 || :')).toContain('No such file');
  });

  test('the own host name is in /etc/hosts, before what the host has there', async () => {
    const host = 'printf "127.0.0.1 localhost\\n192.0.2.9 web-1 # other\\n192.0.2.8 web-12\\n" > /etc/hosts';
    const script = 'head -n 1 /etc/hosts; tail -n 1 /etc/hosts; getent hosts web-1.example.com; getent hosts web-1 | head -n 1';
    const output = await read(host, [...view, 'hostname=web-1.example.com'], script);
    expect(output.replaceAll(/ +/g, ' ')).toBe(
      '127.0.1.1 web-1.example.com web-1\n192.0.2.8 web-12\n127.0.1.1 web-1.example.com web-1\n127.0.1.1 web-1.example.com web-1 web-1\n',
    );
    const had = 'printf "127.0.0.1 localhost here\\n" > /etc/hosts';
    expect(await read(had, [...view, 'hostname=here'], 'cat /etc/hosts')).toBe('127.0.0.1 localhost here\n');
    const big = '{ echo 127.0.0.1 localhost; yes "0.0.0.0 ads.example.com" | head -c 2M; } > /etc/hosts';
    const launch = await on(big, [...view, 'hostname=web-1', ...sh('head -n 2 /etc/hosts; wc -c < /etc/hosts')]);
    expect(noteOf(launch)).toMatch(/only the first 1 MiB/);
    expect(launch.output).toMatch(/^127.0.1.1 web-1\n127.0.0.1 localhost\n10\d{5}\n$/);
  });

  test('a directory root keeps its own files, gets what is missing where it can be made, and no file of root’s through its links', async () => {
    const root = bench.path(`root-${build.target}`);
    mkdirSync(`${root}/etc`, { recursive: true });
    for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, `${root}/${name}`);
    const records = [...sandbox, `rootfs=${root}`, 'bind=/usr', 'hostname=web-1'];
    const show = 'cat /etc/resolv.conf; cat /etc/hosts';
    const missing = await on(RESOLVED, [...records, ...sh(`exec 2>&1; ${show}; :`)]);
    expect(missing.output).toMatch(/No such file.*\n.*No such file/);
    expect(noteOf(missing)).toMatch(/cannot be written to/);
    symlinkSync('/run/resolv.conf', `${root}/etc/resolv.conf`);
    writeFileSync(`${root}/etc/hosts`, '192.0.2.3 db\n');
    expect(await read(RESOLVED, records, show)).toBe('nameserver 192.0.2.1\nsearch lan\n127.0.1.1 web-1\n192.0.2.3 db\n');
    writeFileSync(`${root}/etc/own`, 'nameserver 127.0.0.1\n');
    symlinkSync('own', `${root}/etc/resolv.new`);
    expect(await read(`mv ${root}/etc/resolv.new ${root}/etc/resolv.conf; ${RESOLVED}`, records)).toBe('nameserver 127.0.0.1\n');
    // Before it drops its ids, a launcher that is root could read more of /proc than the program.
    const asUser = [
      ...everyNamespace.filter((kind) => kind !== 'ns=user' && kind !== 'ns=pid'),
      ...asNobody,
      `rootfs=${root}`,
      'bind=/usr',
      'hostname=web-1',
    ];
    const symbols = await on(`ln -sf /proc/kallsyms ${root}/etc/hosts`, [...asUser, ...sh('head -n 3 /etc/hosts')]);
    expect(symbols.output).not.toMatch(/^(?!0{16})[0-9a-f]{16} /m);
    // Nothing covers the kernel's files, whatever a directory's links are.
    const kernels = await on(
      `ln -sf /proc/sys/kernel/hostname ${root}/etc/hosts; ln -sf /sys/kernel/uevent_seqnum ${root}/etc/resolv.conf`,
      [...records, ...sh('grep -cE " /(proc|sys)/(sys/kernel/hostname|kernel/uevent_seqnum) " /proc/self/mountinfo')],
    );
    expect([kernels.failure, kernels.output]).toEqual([undefined, '0\n']);
    // A bind covers what was made.
    writeFileSync(bench.path('mine'), 'mine\n');
    expect(await read(RESOLVED, [...view, `bind=${bench.path('mine')}`, 'bindto=/etc/resolv.conf'])).toBe('mine\n');
    await expectRefused(await on(RESOLVED, [...view, 'bind=/no/such', 'bindto=/etc/hosts', ...args('/bin/true')]));
  });
});
