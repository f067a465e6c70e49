// Any bytes as a record of the kernel log: nothing throws, and no program can write as the kernel.
import { assert, constant, maxSafeNat, nat, oneof, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { parseKernelLog } from './kernel-log.ts';

const bytes = string({ unit: nat(255).map((code) => String.fromCharCode(code)) });

test('any bytes are a record or none', () => {
  const record = oneof(
    bytes,
    bytes.map((text) => `6,1,2,-;${text}`),
    bytes.map((flags) => `6,1,2,${flags};x`),
  );
  assert(
    property(record, (text) => {
      parseKernelLog(text);
    }),
  );
});

test('a record of any other facility than the kernel’s has no text', () => {
  const flags = oneof(constant('-'), constant('c'), bytes);
  assert(
    property(maxSafeNat(), flags, bytes, (priority, flag, text) => {
      if (priority >= 8) expect(parseKernelLog(`${priority},1,2,${flag};${text}`)?.bytes ?? '').toBe('');
    }),
  );
});
