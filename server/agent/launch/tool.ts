// Copies the presets' program to where every launch can read it, because unprivileged users may not reach cgdeck's own folder.
import { copyFileSync, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildDir } from '../../../native/libc/library.ts';

export class Tool {
  readonly dir: string;

  constructor(runDir: string) {
    const dir = join(runDir, 'bin');
    mkdirSync(dir, { recursive: true, mode: 0o755 });
    this.dir = realpathSync(dir);
    const tool = join(this.dir, 'cgdeck-load');
    // A running program cannot be overwritten (ETXTBSY), but its file can be replaced.
    copyFileSync(join(buildDir, 'cgdeck-load'), `${tool}.new`);
    renameSync(`${tool}.new`, tool);
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
