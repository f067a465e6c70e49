// Where each call is: the part of the table of calls that its client needs, without the schemas, which stay on the server.
import type { Address } from './call.ts';

/** Calls that the agent answers. */
export const addresses = {
  host: { method: 'GET', path: '/host', role: 'viewer' },
  groups: { method: 'GET', path: '/groups', role: 'viewer' },
  group: { method: 'GET', path: '/groups{+path}', role: 'viewer' },
  createGroup: { method: 'POST', path: '/groups', role: 'operator' },
  removeGroup: { method: 'DELETE', path: '/groups{+path}', role: 'operator' },
  files: { method: 'GET', path: '/files', role: 'viewer' },
  readFile: { method: 'GET', path: '/files{+path}/{file}', role: 'viewer' },
  writeFile: { method: 'PUT', path: '/files{+path}/{file}', role: 'operator' },
  reclaim: { method: 'POST', path: '/reclaim', role: 'operator' },
  freeze: { method: 'POST', path: '/freeze', role: 'operator' },
  thaw: { method: 'POST', path: '/thaw', role: 'operator' },
  kill: { method: 'POST', path: '/kill', role: 'operator' },
  attach: { method: 'POST', path: '/attach', role: 'operator' },
  processes: { method: 'GET', path: '/processes', role: 'viewer' },
  namespaces: { method: 'GET', path: '/namespaces', role: 'viewer' },
  devices: { method: 'GET', path: '/devices{+group}', role: 'viewer' },
  setDevices: { method: 'PUT', path: '/devices{+group}', role: 'operator' },

  launch: { method: 'POST', path: '/launch', role: 'operator' },
  join: { method: 'POST', path: '/join', role: 'operator' },
  stop: { method: 'POST', path: '/stop', role: 'operator' },
  launchRequest: { method: 'GET', path: '/launch-request', role: 'operator' },
  output: { method: 'GET', path: '/output', role: 'viewer' },
  outputPart: { method: 'GET', path: '/output/download', role: 'viewer' },
  setRates: { method: 'PUT', path: '/rates', role: 'operator' },
  layer: { method: 'GET', path: '/layer', role: 'viewer' },
  layers: { method: 'GET', path: '/layers', role: 'viewer' },
  keepLayer: { method: 'POST', path: '/layers', role: 'operator' },
  dropLayer: { method: 'DELETE', path: '/layers/{name}', role: 'operator' },
  templates: { method: 'GET', path: '/templates', role: 'viewer' },
  template: { method: 'GET', path: '/templates/{name}', role: 'operator' },
  saveTemplate: { method: 'PUT', path: '/templates/{name}', role: 'operator', body: 'request' },
  removeTemplate: { method: 'DELETE', path: '/templates/{name}', role: 'operator' },

  guards: { method: 'GET', path: '/guards', role: 'viewer' },
  setGuard: { method: 'PUT', path: '/guards', role: 'operator' },
  removeGuard: { method: 'DELETE', path: '/guards', role: 'operator' },
  tryGuard: { method: 'POST', path: '/guards/try', role: 'viewer' },
  holds: { method: 'GET', path: '/holds', role: 'viewer' },
  decide: { method: 'POST', path: '/decide', role: 'operator' },
  cancelReclaim: { method: 'POST', path: '/decide/cancel', role: 'operator' },

  outcome: { method: 'GET', path: '/calls/{key}', role: 'operator' },
  events: { method: 'GET', path: '/events', role: 'viewer' },
  history: { method: 'GET', path: '/history', role: 'viewer' },

  reports: { method: 'GET', path: '/reports', role: 'viewer' },
  report: { method: 'GET', path: '/reports/{id}', role: 'viewer' },
} as const satisfies Record<string, Address>;

/** Calls that the web process answers itself. */
export const webAddresses = {
  session: { method: 'GET', path: '/session', role: 'viewer' },
  login: { method: 'POST', path: '/login', role: 'anyone' },
  logout: { method: 'POST', path: '/logout', role: 'anyone' },
  controls: { method: 'GET', path: '/controls', role: 'viewer' },
  notices: { method: 'GET', path: '/notices', role: 'viewer' },
  setNotices: { method: 'PUT', path: '/notices', role: 'operator' },
  tryNotice: { method: 'POST', path: '/notices/try', role: 'operator' },
} as const satisfies Record<string, Address>;
