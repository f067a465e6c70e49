#!/usr/bin/env node
// The command line: launches, stops, shows output, and makes any call of the API. Plain JavaScript for Node 20.
import { readFileSync } from 'node:fs';
import { visible } from '../server/contract/visible.mjs';
import { ask, json } from './api.mjs';
import { Refusal, readArguments, USAGE } from './arguments.mjs';

/** A terminal would obey control characters: there they are shown as ^[ and the like. Into a pipe, and with --raw, text is unchanged. */
function print(stream, text, raw = false) {
  stream.write(raw || !stream.isTTY ? text : visible(text.replaceAll('\r\n', '\n'), '\n\t'));
}

const printLine = (line, raw) => print(process.stdout, `${line}\n`, raw);

/** The group of a launch by its name, below the managed root. */
async function groupOf(name) {
  if (name.startsWith('/')) return name;
  const { managedRoot } = await json('GET', '/host');
  return `${managedRoot}/${name}`;
}

/** The inode of a group, so that only that one is acted on and none that takes its name in between; empty where there is none, which the act itself is refused for. */
async function meant(group) {
  try {
    const { inode } = await json('GET', `/groups${group === '/' ? '/' : group.split('/').map(encodeURIComponent).join('/')}`);
    return inode === undefined ? {} : { inode };
  } catch {
    return {};
  }
}

function readRequest(file) {
  let text;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new Refusal(`${file} cannot be read: ${error.code ?? error.message}.`);
  }
  let request;
  try {
    request = JSON.parse(text);
  } catch (error) {
    throw new Refusal(`${file} is not JSON: ${error.message}`);
  }
  if (typeof request === 'object' && request !== null && !Array.isArray(request)) return request;
  throw new Refusal(`${file} has no JSON object: a request is {"name": …}.`);
}

async function launch({ file, name, raw }, [template]) {
  if ((file === undefined) === (template === undefined)) throw new Refusal('Name either a file with -f or a template.');
  const request = file === undefined ? (await json('GET', `/templates/${encodeURIComponent(template)}`)).request : readRequest(file);
  const answer = await json('POST', '/launch', name === undefined ? request : { ...request, name });
  printLine(`${answer.group} runs as process ${answer.pid}`, raw);
  for (const note of answer.notes ?? []) printLine(note, raw);
  if (answer.network) printLine(`address ${answer.network.address}, by ${answer.network.device}`, raw);
}

async function stop({ grace, raw }, [name]) {
  const seconds = grace === undefined ? undefined : Number(grace);
  if (seconds !== undefined && (grace.trim() === '' || !(seconds >= 0))) throw new Refusal(`--grace wants seconds, got "${grace}".`);
  const group = await groupOf(name);
  const answer = await json('POST', '/stop', {
    group,
    ...(await meant(group)),
    ...(seconds === undefined ? {} : { graceMs: Math.round(seconds * 1000) }),
  });
  const how = answer.exit?.signal ?? (answer.exit?.code === undefined ? '' : `code ${answer.exit.code}`);
  printLine(`${answer.group} ${answer.how === 'ended' ? 'has ended' : 'was killed'}${how === '' ? '' : ` (${how})`}`, raw);
}

async function output({ stream, raw }, [name]) {
  const query = new URLSearchParams({ group: await groupOf(name), ...(stream === undefined ? {} : { stream }) });
  await printBody(await ask('GET', `/output/download?${query}`), raw);
}

async function report({ raw }, [id]) {
  if (!/^\d+$/.test(id)) throw new Refusal(`A report has the number of an event, got "${id}": "cgdeck call reports" lists them.`);
  printLine((await json('GET', `/reports/${id}`)).text, raw);
}

async function printBody(answer, raw) {
  if (raw || !process.stdout.isTTY) for await (const chunk of answer.body) process.stdout.write(chunk);
  else for await (const text of answer.body.pipeThrough(new TextDecoderStream())) print(process.stdout, text);
}

/** Every call, from the server's description of its API. Parameters are in the path, the query or the body. */
async function apiCalls() {
  const { paths } = await json('GET', '/openapi.json');
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, summary, parameters = [], requestBody }]) => {
      const schema = requestBody?.content['application/json'].schema ?? {};
      const forms = schema.anyOf ?? [schema];
      const inBody = Object.assign({}, ...forms.map(({ properties }) => properties));
      const body = Object.entries(inBody)
        .filter(([name]) => parameters.every((each) => each.name !== name))
        .map(([name, each]) => ({ name, in: 'body', required: forms.every((form) => form.required?.includes(name)), schema: each }));
      const given = parameters.filter((each) => each.in !== 'header');
      return { name: operationId, method: method.toUpperCase(), path, summary, parameters: [...given, ...body], inBody };
    }),
  );
}

async function calls({ raw }) {
  for (const { name, summary, parameters } of await apiCalls()) {
    const usage = [name, ...parameters.map((each) => (each.required ? `${each.name}=` : `[${each.name}=]`))];
    printLine(`${usage.join(' ')}\n    ${summary}`, raw);
  }
}

/** A value is taken as JSON where it is JSON and the parameter is no text; a number too large to be exact stays text. */
function parsedValue(text, schema) {
  if (schema?.type === 'string') return text;
  try {
    const value = JSON.parse(text);
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? text : value;
  } catch {
    return text;
  }
}

async function call({ file, raw }, [name, ...given]) {
  const found = (await apiCalls()).find((each) => each.name === name);
  if (found === undefined) throw new Refusal(`There is no call "${name}": "cgdeck calls" lists them.`);
  const hasBody = found.method === 'POST' || found.method === 'PUT';
  const inPath = {};
  const query = new URLSearchParams();
  const body = file === undefined ? {} : readRequest(file);
  for (const one of given) {
    const [, key, text] = /^(\w+)=(.*)$/s.exec(one) ?? [];
    if (key === undefined) throw new Refusal(`Parameters are written PARAMETER=VALUE, got "${one}".`);
    const parameter = found.parameters.find((each) => each.name === key);
    const value = ['group', 'path'].includes(key) ? await groupOf(text) : parsedValue(text, parameter?.schema);
    if (parameter?.in === 'path') {
      inPath[key] = String(value);
      // A template has its name's place in the path, and the launch's name in the body.
      if (Object.hasOwn(found.inBody, key)) body[key] ??= value;
    } else if (hasBody && parameter?.in !== 'query') body[key] = value;
    else for (const each of [value].flat()) query.append(key, typeof each === 'object' ? JSON.stringify(each) : String(each));
  }
  const group = inPath.path ?? inPath.group ?? body.path ?? body.group;
  if (group !== undefined && found.parameters.some((each) => each.name === 'inode') && body.inode === undefined && !query.has('inode')) {
    const { inode } = await meant(group);
    if (inode !== undefined && hasBody) body.inode = inode;
    else if (inode !== undefined) query.append('inode', String(inode));
  }
  const path = found.path.replace('/api/v1', '').replace(/\{(\w+)\}(\/?)/g, (_, key, slash) => {
    if (inPath[key] === undefined) throw new Refusal(`${name} needs ${key}=.`);
    // The root group has no segment of its own.
    return inPath[key] === '/' ? '' : inPath[key].replace(/^\//, '').split('/').map(encodeURIComponent).join('/') + slash;
  });
  const answer = await ask(found.method, query.size === 0 ? path : `${path}?${query}`, hasBody ? body : undefined);
  if (answer.headers.get('content-type')?.includes('json')) printLine(JSON.stringify(await answer.json(), null, 2), raw);
  else await printBody(answer, raw);
}

const COMMANDS = { launch, stop, output, report, calls, call };

async function main() {
  const parsed = readArguments(process.argv.slice(2));
  if (parsed === undefined) process.stdout.write(USAGE);
  else await COMMANDS[parsed.command](parsed.options, parsed.names);
}

// A reader that has enough closes the pipe: "cgdeck output web | head".
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') print(process.stderr, `The output cannot be written: ${error.message}.\n`);
  process.exit(error.code === 'EPIPE' ? undefined : 1);
});

main().catch((error) => {
  const sentence =
    error instanceof Refusal ? error.message.trimEnd() : `It did not work: ${error.message} (${error.cause?.code ?? error.name}).`;
  print(process.stderr, `${sentence}\n`, process.argv.includes('--raw'));
  process.exitCode = 1;
});
