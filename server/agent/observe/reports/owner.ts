// What a group belongs to, by its launch or by how container runtimes and systemd name groups.
import type { Event } from '../../../contract/events.ts';
import type { Report } from '../../../contract/reports.ts';

const ID = '[0-9a-f]{12,64}';
/** Docker, podman, containerd and cri-o, with either of their drivers, and any runtime's "prefix:id", also below the service of the runtime; LXC, without its own lxc.monitor and lxc.pivot. */
const CONTAINERS = [
  new RegExp(`^(?:/system\\.slice/docker\\.service)?/docker/(${ID})(?:/|$)`),
  new RegExp(`/(?:docker|libpod|cri-containerd|crio)-(?:conmon-)?(${ID})(?:\\.scope)?(?:/|$)`),
  /[^/:]:([0-9a-f]{64})(?:\/|$)/,
  new RegExp(`/kubepods[^/:]*(?:/[^/]+)*/(${ID})(?:/|$)`),
  /^\/lxc(?:\/|\.payload[./])([^/]+)(?:\/|$)/,
];
const UNIT = /\/([^/]+\.(service|scope))(?=\/|$)/g;
const SHORT_ID = 12;

/** @param events all that are known, oldest first */
export function ownerOf(group: string, events: readonly Event[]): Report['owner'] {
  const launch = events.findLast(
    (event): event is Extract<Event, { kind: 'launch' }> =>
      event.kind === 'launch' && event.launchId === undefined && event.group === group,
  );
  if (launch) return { kind: 'launch', name: group.slice(group.lastIndexOf('/') + 1), argv: launch.argv };
  const id = CONTAINERS.map((pattern) => pattern.exec(group)?.[1]).find((one) => one !== undefined);
  if (id !== undefined) return { kind: 'container', name: new RegExp(`^${ID}$`).test(id) ? id.slice(0, SHORT_ID) : id };
  const unit = [...group.matchAll(UNIT)].at(-1);
  return unit?.[1] === undefined ? undefined : { kind: unit[2] === 'service' ? 'service' : 'scope', name: unit[1] };
}
