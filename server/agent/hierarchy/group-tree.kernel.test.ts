// The tree of groups on the kernel's own hierarchies.
import { mkdirSync, rmdirSync } from 'node:fs';
import { KernelGroups } from '../fixtures/kernel-groups.ts';
import { groupTreeContract } from './fixtures/group-tree.contract.ts';

groupTreeContract('on the kernel', () => {
  const groups = new KernelGroups('tree');
  const { layout, root } = groups;
  return {
    layout,
    root,
    make: (hierarchy, path) => mkdirSync(layout.dir(hierarchy, path)),
    drop: (hierarchy, path) => rmdirSync(layout.dir(hierarchy, path)),
    clear: () => groups.remove(),
  };
});
