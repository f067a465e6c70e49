// What a group belongs to: its launch, a container by the names of runtimes, or a unit of systemd.
import { expect, test } from 'vitest';
import type { Event } from '../../../contract/events.ts';
import { ownerOf } from './owner.ts';

const ID = '4f5e6d7c8b9a0123456789abcdef0123456789abcdef0123456789abcdef0123';
const SHORT = '4f5e6d7c8b9a';

test.each([
  [`/docker/${ID}`, { kind: 'container', name: SHORT }],
  [`/docker/${ID}/below`, { kind: 'container', name: SHORT }],
  [`/system.slice/docker-${ID}.scope`, { kind: 'container', name: SHORT }],
  [`/machine.slice/libpod-${ID}.scope/container`, { kind: 'container', name: SHORT }],
  [`/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope`, { kind: 'container', name: SHORT }],
  [`/kubepods/burstable/pod1/${ID}`, { kind: 'container', name: SHORT }],
  [`/system.slice/containerd.service/kubepods-burstable-pod36b6.slice:cri-containerd:${ID}`, { kind: 'container', name: SHORT }],
  [`/system.slice/docker.service/kubepods-burstable-pod1.slice/${ID}`, { kind: 'container', name: SHORT }],
  [`/system.slice/docker.service/docker/${ID}`, { kind: 'container', name: SHORT }],
  ['/system.slice/containerd.service', { kind: 'service', name: 'containerd.service' }],
  [`/system.slice/crio.service/kubepods-pod1.slice:crio:${ID}`, { kind: 'container', name: SHORT }],
  [`/kubepods.slice/kubepods-pod1.slice/crio-${ID}.scope`, { kind: 'container', name: SHORT }],
  [`/system.slice/runtime.service/pod:other-runtime:${ID}`, { kind: 'container', name: SHORT }],
  [`/system.slice/runtime.service/other:${ID}/init.scope`, { kind: 'container', name: SHORT }],
  [`/system.slice/runtime.service/:${ID}`, { kind: 'service', name: 'runtime.service' }],
  ['/lxc.monitor/703', undefined],
  ['/lxc.monitor.c1', undefined],
  ['/lxc.pivot', undefined],
  ['/lxc.payload', undefined],
  ['/lxc/monitor', { kind: 'container', name: 'monitor' }],
  ['/lxc.payload/703', { kind: 'container', name: '703' }],
  ['/lxc.payload.pivot', { kind: 'container', name: 'pivot' }],
  ['/lxc/703/ns/system.slice/pulse.service', { kind: 'container', name: '703' }],
  ['/lxc.payload.mail', { kind: 'container', name: 'mail' }],
  ['/system.slice/nginx.service', { kind: 'service', name: 'nginx.service' }],
  ['/user.slice/user-0.slice/user@0.service/app.slice/app-x.scope', { kind: 'scope', name: 'app-x.scope' }],
  ['/docker/short', undefined],
  ['/docker', undefined],
  ['/', undefined],
])('%s', (group, owner) => {
  expect(ownerOf(group, [])).toEqual(owner);
});

test('the last launch in the group, not a program that joined', () => {
  const launch = { kind: 'launch', id: 1, time: 1, group: '/cgdeck/web', pid: 5, argv: ['old'] } as const satisfies Event;
  const events = [
    launch,
    { ...launch, id: 2, argv: ['new'] },
    { ...launch, id: 3, argv: ['sh'], launchId: 'exec-1' },
    { ...launch, id: 4, group: '/x' },
  ];
  expect(ownerOf('/cgdeck/web', events)).toEqual({ kind: 'launch', name: 'web', argv: ['new'] });
});
