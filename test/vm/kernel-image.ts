// Takes the kernel itself out of a boot image, which qemu starts at once: unpacking itself inside would cost the guest seconds.
import { zstdDecompressSync } from 'node:zlib';
import { lz4Decompress } from './lz4.ts';

const SECTOR_BYTES = 512;
const ZSTD = 0xfd2fb528;
const LZ4_LEGACY = 0x184c2102;

/**
 * The fields are those of the x86 boot protocol (Documentation/arch/x86/boot.rst): setup_sects, payload_offset, payload_length.
 * @returns the kernel as an ELF file, or the image where it is packed in another way: qemu starts that as well
 */
export function kernelOf(image: Buffer): Buffer {
  const setupSectors = image.readUInt8(0x1f1) || 4;
  const start = (setupSectors + 1) * SECTOR_BYTES + image.readUInt32LE(0x248);
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c));
  const magic = payload.readUInt32LE(0);
  if (magic === ZSTD) return zstdDecompressSync(payload);
  if (magic === LZ4_LEGACY) return lz4Decompress(payload.subarray(4));
  return image;
}
