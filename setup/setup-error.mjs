// What stops a set-up: one sentence that says what to do, after the output of the tool that failed, if one did.

export class SetupError extends Error {
  /** @param {string} sentence @param {string} [output] */
  constructor(sentence, output) {
    super(sentence);
    this.output = output;
  }
}

/** Runs a command of the set-up to its exit code. @param {() => Promise<number | void>} command */
export async function runToExit(command) {
  try {
    process.exitCode = (await command()) ?? 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    if (error.output) process.stderr.write(error.output.endsWith('\n') ? error.output : `${error.output}\n`);
    console.error(error.message);
    process.exitCode = 1;
  }
}
