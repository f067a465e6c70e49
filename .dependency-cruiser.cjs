// Which way imports may point: contract <- everything; native <- agent; link <- agent, web; nothing upward or sideways.

const TESTS = '[.]test[.]tsx?$|/fixtures/|^e2e/|^bench/|^test/';
/** The agent's floors, from the ground up: each imports only its own and those below. */
const FLOORS = [['kernel', 'state'], ['observe'], ['act'], ['launch', 'guard'], ['calls']];

/** @param {string} name @param {string} comment @param {object} from @param {object} to */
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    forbid('no-cycles', 'A cycle has no first file to read.', {}, { circular: true }),
    forbid('resolvable', 'What is imported has to exist.', {}, { couldNotResolve: true }),
    forbid('declared', 'A package that is used is one that package.json names.', {}, { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] }),
    forbid(
      'no-development-packages',
      'What runs may use only what runs need.',
      { path: '^(server|native|app|components)/', pathNot: TESTS },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '^node_modules/@types/' },
    ),
    forbid('no-tests-in-code', 'Tests use the code, not the other way round.', { pathNot: TESTS }, { path: TESTS }),

    forbid(
      'contract-alone',
      'All sides agree on the contract, so it leans on none of them.',
      { path: '^server/contract/' },
      { path: '^(server/(?!contract/)|native/|app/|components/|bench/|e2e/|test/)' },
    ),
    forbid(
      'contract-in-browsers',
      'The contract runs in browsers: no Node API.',
      { path: '^server/contract/', pathNot: TESTS },
      { dependencyTypes: ['core'] },
    ),

    forbid(
      'koffi-in-one-folder',
      'Foreign calls are declared in one place.',
      { pathNot: '^native/libc/' },
      { path: '^node_modules/koffi/' },
    ),
    forbid(
      'native-for-the-agent',
      'Only the agent, which is root, calls the kernel by itself.',
      { path: '^(server|app|components)/', pathNot: `^server/agent/|${TESTS}` },
      { path: '^native/' },
    ),
    forbid('native-below', 'native/ is the lowest layer.', { path: '^native/' }, { path: '^(server/(?!contract/)|app/|components/)' }),

    forbid(
      'link-for-both-ends',
      'The transport is used by its two ends.',
      { path: '^(server|app|components)/', pathNot: `^server/(link|agent|web)/|${TESTS}` },
      { path: '^server/link/' },
    ),
    forbid(
      'link-below-its-ends',
      'The transport knows the contract, not who uses it.',
      { path: '^server/link/', pathNot: TESTS },
      { path: '^server/(?!link/|contract/)|^native/' },
    ),
    forbid('agent-not-web', 'They speak over the link.', { path: '^server/agent/', pathNot: TESTS }, { path: '^server/web/' }),
    forbid('web-not-agent', 'They speak over the link.', { path: '^server/web/', pathNot: TESTS }, { path: '^server/agent/' }),
    forbid(
      'supervisor-light',
      'The supervisor starts the processes; it does not load them.',
      { path: '^server/(main[.]ts$|supervisor/)', pathNot: TESTS },
      { path: '^server/(agent|web|link|contract/(?!(backoff|spelling)[.]ts$))|^native/' },
    ),
    forbid(
      'nobody-imports-a-process',
      'A main.ts is started, not imported.',
      { path: '^(server|native)/', pathNot: TESTS },
      { path: '^server/(agent/|web/|)main[.]ts$' },
    ),

    ...FLOORS.map((floor, index) => {
      const above = FLOORS.slice(index + 1).flat();
      return forbid(
        `agent-floor-${floor.join('-and-')}`,
        'The floors of the agent import downward only: kernel and state, observe, act, launch and guard, calls; agent.ts puts them together.',
        { path: `^server/agent/(${floor.join('|')})/`, pathNot: TESTS },
        { path: `^server/agent/([^/]+[.]ts$${above.length > 0 ? `|(${above.join('|')})/` : ''})|^server/supervisor/` },
      );
    }),
    forbid(
      'launch-not-guard',
      'Launches and guards are beside each other.',
      { path: '^server/agent/launch/', pathNot: TESTS },
      { path: '^server/agent/guard/' },
    ),
    forbid(
      'guard-not-launch',
      'Launches and guards are beside each other.',
      { path: '^server/agent/guard/', pathNot: TESTS },
      { path: '^server/agent/launch/' },
    ),
    forbid(
      'hierarchy-first',
      'The hierarchy knows what is mounted, and nothing of what is done with it.',
      { path: '^server/agent/kernel/hierarchy/', pathNot: TESTS },
      { path: '^server/agent/(?!kernel/)' },
    ),

    forbid(
      'browser-contract-only',
      'Of the server, browsers load only the contract.',
      { path: '^(app|components)/', pathNot: TESTS },
      { path: '^server/(?!contract/)' },
    ),
    forbid('components-not-routes', 'Routes compose components.', { path: '^components/' }, { path: '^app/' }),
    forbid('primitives-alone', 'A primitive knows no feature and no data.', { path: '^components/ui/' }, { path: '^components/(?!ui/)' }),
    forbid(
      'charts-below-features',
      'A chart draws what it is given.',
      { path: '^components/charts/' },
      { path: '^components/(?!charts/|ui/|live/)' },
    ),
    forbid('live-alone', 'The store knows no view.', { path: '^components/live/' }, { path: '^components/(?!live/)' }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // swc takes no declaration files.
    exclude: { path: '^(dist|out|[.]next|native/build)/|[.]d[.]mts$' },
    parser: 'swc',
    // Types are part of what a file leans on.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.css', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'browser', 'default', 'types'],
    },
  },
};
