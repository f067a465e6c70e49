// Records of /dev/kmsg, whole and damaged, of the kernel and of programs.
import { expect, test } from 'vitest';
import { type KernelLogRecord, parseKernelLog } from './kernel-log.ts';

const bytes = (text: string) => Buffer.from(text).toString('latin1');

test.each<[string, Partial<KernelLogRecord> | undefined]>([
  ['6,2565,102258983,-;oom-kill:x', { sequence: 2565, timeUsec: 102258983, continues: false, caller: undefined, bytes: 'oom-kill:x' }],
  ['3,1,0,c;continued; with; semicolons', { sequence: 1, continues: true, bytes: 'continued; with; semicolons' }],
  ['6,5,9,+,caller=C2;x', { continues: true, caller: 'C2' }],
  ['6,5,9,-,caller=T123;text\n SUBSYSTEM=acpi\n DEVICE=+acpi:PNP\n', { continues: false, caller: 'T123', bytes: 'text' }],
  ['6,5,9,-;task_memcg=/gr\\xc3\\xb6\\xc3\\x9fe/\\xe7\\xbe\\xa4\\x5cx41', { bytes: bytes('task_memcg=/größe/群\\x41') }],
  ['6,5,9,-;a newline\\x0a and a bell\\x07', { bytes: 'a newline\n and a bell\u0007' }],
  ['6,5,9,-;no bytes of UTF-8: \\xff', { bytes: 'no bytes of UTF-8: \xff' }],
  ['6,5,9,-;', { bytes: '' }],
  // Written by programs: user, daemon, and one with a facility out of range.
  ['12,5,9,-;text', { sequence: 5, bytes: '' }],
  ['30,5,9,-;text', { sequence: 5, bytes: '' }],
  ['99999,5,9,c;text', { sequence: 5, continues: false, bytes: '' }],
  ['', undefined],
  ['6,5', undefined],
  ['no record', undefined],
])('the record %j', (record, parsed) => {
  if (parsed === undefined) expect(parseKernelLog(record)).toBeUndefined();
  else expect(parseKernelLog(record)).toMatchObject(parsed);
});
