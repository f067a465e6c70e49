// After all tests: none of their groups may be left, whatever happened to the process that ran them.
import { removeLeftovers, rootsOf } from './leftovers.ts';

export default async function leftBehind(): Promise<void> {
  const left = await removeLeftovers(rootsOf(process.pid));
  if (left.length > 0) throw new Error(`The tests left groups behind, which are removed now: ${left.join(', ')}`);
}
