// Unpacks LZ4 in its legacy frame, which Debian's kernel 6.1 is packed in: Node has no decoder for it, and a clean machine has none either.

const LARGEST_BLOCK_BYTES = 8 * 1024 * 1024;
const SHORTEST_MATCH = 4;
/** A length of which a token's four bits are not enough goes on in bytes, the last of which is not 255. */
const GOES_ON = 15;

/** One block, as in LZ4's "Block Format": literals, then a match further back, until the last literals. @returns how much was written */
function decompressBlock(block: Buffer, into: Buffer): number {
  let read = 0;
  let written = 0;
  const lengthFrom = (bits: number): number => {
    let length = bits;
    if (bits !== GOES_ON) return length;
    for (let byte = 255; byte === 255; ) {
      byte = block.readUInt8(read++);
      length += byte;
    }
    return length;
  };
  while (read < block.length) {
    const token = block.readUInt8(read++);
    const literals = lengthFrom(token >> 4);
    written += block.copy(into, written, read, read + literals);
    read += literals;
    if (read >= block.length) break;
    const distance = block.readUInt16LE(read);
    read += 2;
    const end = written + lengthFrom(token & 15) + SHORTEST_MATCH;
    // What is copied may reach into itself, so it goes in pieces that are there already.
    while (written < end) {
      const piece = Math.min(distance, end - written);
      into.copyWithin(written, written - distance, written - distance + piece);
      written += piece;
    }
  }
  return written;
}

/** @param frame after its magic number: blocks, each behind its length; what follows the last one (in a kernel: its size) is no block */
export function lz4Decompress(frame: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at + 4 < frame.length; ) {
    const length = frame.readUInt32LE(at);
    at += 4;
    if (length > frame.length - at) break;
    const block = Buffer.alloc(LARGEST_BLOCK_BYTES);
    blocks.push(block.subarray(0, decompressBlock(frame.subarray(at, at + length), block)));
    at += length;
  }
  return Buffer.concat(blocks);
}
