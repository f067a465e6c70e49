// Which controllers of which version are mounted on this machine.
import type { Host } from '../../server/contract/answers.ts';

const MODE: Record<Host['mode'], string> = {
  v1: 'This machine has cgroup v1 only.',
  v2: 'This machine has cgroup v2 only.',
  hybrid: 'This machine has both: controllers of v1 and the unified tree of v2.',
};

/** Controllers of one version, those that share a hierarchy joined by commas as in the kernel. */
function controllersOf({ hierarchies }: Pick<Host, 'hierarchies'>, version: 1 | 2): string {
  const lists = hierarchies.filter((hierarchy) => hierarchy.version === version).map(({ controllers }) => controllers);
  return version === 1 ? lists.map((names) => names.join(',')).join(' ') : lists.flat().join(' ');
}

export function Mounted({ host }: { readonly host: Host }) {
  const lines = ([1, 2] as const).filter((version) => host.hierarchies.some((hierarchy) => hierarchy.version === version));
  return (
    <div className="mt-1 text-sm text-quiet">
      <p>{MODE[host.mode]}</p>
      <dl className="mt-1 grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 text-xs">
        {lines.map((version) => (
          <div key={version} className="contents">
            <dt>v{version}</dt>
            <dd className="font-mono">{controllersOf(host, version) || <span className="font-sans">no controllers</span>}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
