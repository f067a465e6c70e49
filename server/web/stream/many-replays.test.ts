// Many clients that ask a real server for all events at once, and read nothing.
import { expect, test } from 'vitest';
import { eventually } from '../../link/fixtures/eventually.ts';
import { groupEntry, StandInAgent } from '../../link/fixtures/stand-in-agent.ts';
import { OPERATOR } from '../fixtures/test-web.ts';
import { idsOf, open, port, startWith, web } from './fixtures/stream-clients.ts';

test('150 clients that ask for all events and read nothing have few pages at a time, and an act is asked at once', async () => {
  const agent = new StandInAgent('one');
  for (let i = 0; i < 2500; i++) agent.event(`/e${i}`);
  agent.completeSince = 2500;
  agent.tick({ groups: [groupEntry(1, '/a')] });
  agent.answer = () => Promise.resolve({ state: 'frozen', tookMs: 1 });
  const go = Promise.withResolvers<void>();
  let underWay = 0;
  let most = 0;
  agent.beforePage = async () => {
    most = Math.max(most, ++underWay);
    await go.promise;
    underWay--;
  };
  await startWith(agent);
  for (let i = 0; i < 150; i++) {
    const { socket } = open(`?format=json&since=${i}`);
    socket.once('open', () => socket.pause());
  }
  await eventually(() => expect(web.hub.clients).toBe(150));
  await eventually(() => expect(underWay).toBe(4));
  const freeze = await web.ask('POST', '/api/v1/freeze', 'operator', { payload: { group: '/a' }, headers: { host: `127.0.0.1:${port}` } });
  expect(freeze.statusCode).toBe(200);
  const operator = open('?since=0', { headers: { authorization: `Bearer ${OPERATOR}` } });
  await eventually(() => expect(operator.frames).toHaveLength(1));
  go.resolve();
  await eventually(() => expect(operator.events).toEqual(idsOf(agent.log)));
  expect(most).toBe(4);
});
