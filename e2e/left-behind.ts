// After all tests: none of their groups may be left, even if the test process was killed.
import { removeLeftovers, rootsOf } from './leftovers.ts';

export default async function leftBehind(): Promise<void> {
  const left = await removeLeftovers(rootsOf(process.pid));
  if (left.length > 0) throw new Error(`The tests left groups behind, which are removed now: ${left.join(', ')}`);
}
