// Group paths in URLs: each segment percent-encoded for itself, the root as nothing.
import { joinPath, nameFault } from '../contract/paths.ts';
import { ProblemError } from '../contract/problems.ts';

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ProblemError('invalid', 'The address cannot be read: encode each segment as UTF-8 with percent signs.', { asked: segment });
  }
}

/**
 * The segments behind a route's own part, taken from the address as it was sent: a router would already have decoded %2F.
 * @throws ProblemError invalid for a segment that can name no group, such as "..", "%2F" inside a name, or an empty one
 */
function segmentsBehind(url: string, prefix: string): string[] {
  const path = url.split(/[?#]/, 1)[0] ?? '';
  const rest = path.slice(prefix.length).replace(/^\//, '');
  if (rest === '') return [];
  return rest.split('/').map((segment) => {
    const name = decoded(segment);
    const fault = nameFault(name);
    if (fault) throw new ProblemError('invalid', fault, { asked: name });
    return name;
  });
}

/** `/groups/cgdeck/web` -> /cgdeck/web; `/groups/` -> / */
export function groupOfUrl(url: string, prefix: string): string {
  return segmentsBehind(url, prefix).reduce(joinPath, '/');
}

/** `/files/cgdeck/web/pids.max` -> the group and the file; the root's files stand right behind the prefix. */
export function fileOfUrl(url: string, prefix: string): { path: string; file: string } {
  const segments = segmentsBehind(url, prefix);
  const file = segments.pop();
  if (file === undefined)
    throw new ProblemError('invalid', 'The address names no control file: it ends in one, such as /files/cgdeck/web/pids.max.');
  return { path: segments.reduce(joinPath, '/'), file };
}
