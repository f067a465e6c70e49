// Where the cursor is after wide characters, as a program would ask.
import { Terminal } from '@xterm/headless';
import { expect, test } from 'vitest';
import { wideCharacters } from './characters.ts';

test.each([
  ['ab', 3],
  ['名', 3],
  ['😀😀', 5],
  ['é', 2],
  ['e\u0301', 2],
])('after %s the cursor is in column %i', async (text, column) => {
  const terminal = new Terminal({ allowProposedApi: true });
  wideCharacters(terminal);
  const answers: string[] = [];
  terminal.onData((answer) => answers.push(answer));
  await new Promise<void>((written) => terminal.write(`${text}\x1b[6n`, written));
  expect(answers).toEqual([`\x1b[1;${column}R`]);
  terminal.dispose();
});
