// The tree of groups on the kernel's hierarchies.
import { mkdirSync, rmdirSync } from 'node:fs';
import { KernelGroups } from '../../fixtures/kernel-groups.ts';
import { groupTreeContract } from './fixtures/group-tree.contract.ts';
import { readHierarchies } from './mounts.ts';

groupTreeContract('on the kernel', readHierarchies().length > 1, () => {
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
