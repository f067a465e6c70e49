// The guest's first root: busybox, the kernel's modules and our scripts, as a cpio archive (Documentation/driver-api/early-userspace/buffer-format.rst).

export interface ArchiveFile {
  readonly name: string;
  readonly content: Buffer | string;
}

const FOLDER = 0o040755;
const PROGRAM = 0o100755;

const padded = (content: Buffer): Buffer => Buffer.concat([content, Buffer.alloc((4 - (content.length % 4)) % 4)]);

/** The "newc" form: thirteen hexadecimal fields, the name, the content, each part filled up to four bytes. */
function entry(index: number, mode: number, name: string, content: Buffer): Buffer {
  const fields = [index, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0];
  const head = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
  return Buffer.concat([padded(Buffer.from(head)), padded(content)]);
}

/** Names are relative to the root; a file's folder has to be among the folders. */
export function archive(folders: readonly string[], files: readonly ArchiveFile[]): Buffer {
  return Buffer.concat([
    ...folders.map((name, index) => entry(index + 1, FOLDER, name, Buffer.alloc(0))),
    ...files.map(({ name, content }, index) => entry(folders.length + index + 1, PROGRAM, name, Buffer.from(content))),
    entry(0, 0, 'TRAILER!!!', Buffer.alloc(0)),
  ]);
}
