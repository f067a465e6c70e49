// The commands that start the children: with this process's runtime, from built files or, in development, from source.
import { accessSync, constants } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

export interface ChildCommands {
  readonly agent: Command;
  readonly web: Command;
}

function findOnPath(name: string, path: string | undefined): string | undefined {
  for (const folder of (path ?? '').split(delimiter).filter((entry) => entry !== '')) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/**
 * The command with no_new_privs: neither it nor a program it executes can gain privileges (prctl(2), PR_SET_NO_NEW_PRIVS).
 * setpriv executes the command in its own process, which keeps pid and IPC descriptor. Without setpriv the command is unchanged.
 */
function withoutNewPrivileges(command: Command, path: string | undefined): Command {
  const setpriv = findOnPath('setpriv', path);
  return setpriv === undefined ? command : { file: setpriv, args: ['--no-new-privs', '--', command.file, ...command.args] };
}

/** @param main the supervisor's entry; the children's are in folders beside it */
export function childrenBeside(main: string): ChildCommands {
  const child = (name: string): Command => ({ file: process.execPath, args: [join(dirname(main), name, basename(main))] });
  return { agent: child('agent'), web: withoutNewPrivileges(child('web'), process.env.PATH) };
}
