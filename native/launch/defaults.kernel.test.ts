// What a program has that the request does not name: the system's defaults, whatever shell started the launcher.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { benchFor, builds } from './fixtures/launcher.ts';
import { encode, sandbox, sh } from './fixtures/records.ts';

/** A shell with everything of its own that a child inherits. Soft limits only: some containers do not let root raise a hard one again. */
const ODD = [
  ...['nice', '-n', '7', 'ionice', '-c', '3', 'taskset', '-c', '0', 'setarch', '-R', 'choom', '-n', '300', '--'],
  ...['prlimit', '--nofile=256:', '--core=1024:', '--stack=1048576:', '--nproc=2000:', '--memlock=4096:', '--'],
  ...['sh', '-c', 'umask 0777; trap "" USR1; echo 0x7f > /proc/self/coredump_filter; exec "$@"', 'sh'],
];
const SCRIPT =
  'nice; ionice; cat /proc/self/personality /proc/self/oom_score_adj /proc/self/coredump_filter; umask; grep -E "Cpus_allowed_list|SigIgn|SigBlk" /proc/self/status; cat /proc/self/limits';

describe.each(builds)('the launcher $name', (build) => {
  const bench = benchFor(build);
  const told = async (records: readonly string[], through: readonly string[]) => {
    const dir = bench.outputDir();
    const launch = await bench.send(encode([`dir=${dir}`, ...records, ...sh(SCRIPT)]), dir, through);
    await launch.ended;
    expect(launch.failure).toBeUndefined();
    return launch.output;
  };

  test('gives the system’s defaults instead of what it has inherited', async () => {
    const odd = await told(sandbox, ODD);
    expect(odd).toBe(await told(sandbox, []));
    const cpus = /Cpus_allowed_list:\s*(.*)/.exec(readFileSync('/proc/1/status', 'utf8'))?.[1];
    expect(odd.split('\n').slice(0, 9)).toEqual([
      '0',
      'none: prio 0',
      '00000000',
      '0',
      '00000033',
      '0022',
      'SigBlk:\t0000000000000000',
      'SigIgn:\t0000000000000000',
      `Cpus_allowed_list:\t${cpus}`,
    ]);
    expect(Number(/Max open files\s+1024\s+(\d+)/.exec(odd)?.[1])).toBeLessThanOrEqual(524_288);
    expect(odd).toMatch(/Max core file size\s+0\s+/);
    expect(odd).toMatch(/Max stack size\s+8388608\s+/);
    expect(odd).toMatch(/Max locked memory\s+8388608\s+/);
    const ofFirst = /^Max processes.*$/m.exec(readFileSync('/proc/1/limits', 'utf8'))?.[0];
    expect(odd).toContain(ofFirst);
  });

  test('gives what is asked besides', async () => {
    const odd = await told([...sandbox, 'nice=3', 'oomscore=17', 'umask=077', 'rlimit=nofile 64 128'], ODD);
    expect(odd.split('\n').slice(0, 6)).toEqual(['3', 'none: prio 0', '00000000', '17', '00000033', '0077']);
    expect(odd).toMatch(/Max open files\s+64\s+128/);
  });
});
