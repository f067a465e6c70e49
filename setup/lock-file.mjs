// Checks package-lock.json: every platform's packages are in it, or npm ci would refuse it, and no registry's address, or it would bind every clone to one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './project.mjs';

/** @returns whether a package at `path` would find `name`: in its own node_modules, or in one above */
function isFound(packages, path, name) {
  for (let base = path; ; base = base.slice(0, Math.max(base.lastIndexOf('/node_modules/'), 0))) {
    if (packages[`${base === '' ? '' : `${base}/`}node_modules/${name}`]) return true;
    if (base === '') return false;
  }
}

/** @returns {{ code: number, output: string }} as a tool's end */
export function checkLockFile() {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const problems = [];
  for (const [path, { optionalDependencies = {}, peerDependenciesMeta = {}, resolved }] of Object.entries(packages)) {
    for (const name of Object.keys(optionalDependencies)) {
      if (!peerDependenciesMeta[name] && !isFound(packages, path, name))
        problems.push(`${name}, optional for ${path}, is missing from package-lock.json.`);
    }
    if (resolved?.startsWith('http')) problems.push(`${path} is bound to ${resolved} in package-lock.json.`);
  }
  return { code: problems.length === 0 ? 0 : 1, output: problems.join('\n') };
}
