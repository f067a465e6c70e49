// How long the tests wait for a condition: longer in an emulated machine.

const slowness = Number(process.env.CGDECK_TEST_SLOWNESS ?? 1);

/** @param ms on this machine */
export function slowly(ms: number): number {
  return ms * slowness;
}
