// What stops a set-up: one sentence with what to do, after the output of the tool that failed, if one did.

export class SetupError extends Error {
  /** @param {string} sentence @param {string} [output] */
  constructor(sentence, output) {
    super(sentence);
    this.output = output;
  }
}

/** A refusal of the kernel (a full disk, a folder of another user) names the call and the file; anything else is a fault of the set-up. */
function sentenceOf(error) {
  if (error?.syscall) return `The set-up was refused: ${error.message}.`;
  return `A fault in cgdeck’s own set-up: ${error?.message ?? error}.`;
}

/** Runs a command of the set-up to its exit code. @param {() => Promise<number | void>} command */
export async function runToExit(command) {
  try {
    process.exitCode = (await command()) ?? 0;
  } catch (error) {
    if (error.output) process.stderr.write(error.output.endsWith('\n') ? error.output : `${error.output}\n`);
    console.error(error instanceof SetupError ? error.message : sentenceOf(error));
    process.exitCode = 1;
  }
}
