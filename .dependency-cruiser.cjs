/**
 * Who may import whom. A room is a folder of src/; what a room may import stands in its row, and nothing else.
 * test/house/import-rules.test.ts holds the tree against it; a look by hand: npx depcruise src
 */
const rooms = {
  pki: [],
  storage: [],
  people: ['storage', 'http'],
  http: ['pki'],
  authority: ['pki', 'storage', 'people', 'http'],
  connector: ['pki', 'storage', 'people', 'http', 'authority'],
  notifications: ['storage'],
  credentials: ['pki', 'storage', 'people', 'notifications', 'http', 'authority'],
  governance: ['storage', 'people', 'notifications', 'http', 'authority', 'credentials'],
  console: [
    'pki',
    'people',
    'notifications',
    'http',
    'authority',
    'connector',
    'credentials',
    'governance',
  ],
  est: ['pki', 'http', 'authority', 'connector'],
};

/** Known to every room: the one error, the five edges, the fault that stops a start, and small tools. */
const forAll =
  '^src/(failure|edges|start-fault|setting-file|once-a-minute|duration|email-address|iso-time|plain-url)\\.ts$';

/** The configuration and the forms of its values. */
const config = '^src/config[.-]';

/** The places that may import everything: what wires the rooms, and the commands. */
const top = '^src/([^/]+\\.ts$|gateway/|cli/)';

const roomRules = Object.entries(rooms).map(([room, others]) => ({
  name: `room-${room}`,
  comment: `src/${room} may import ${others.join(', ') || 'no other room'}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: [`^src/(${[room, ...others].join('|')})/`, forAll] },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: 'room-unknown',
      comment: 'a new room needs its row in .dependency-cruiser.cjs',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: [`^src/(${Object.keys(rooms).join('|')})/`, top] },
      to: {},
    },
    {
      name: 'for-all-knows-nobody',
      comment: 'what every room may import imports no room',
      severity: 'error',
      from: { path: forAll },
      to: { path: '^src/', pathNot: forAll },
    },
    {
      name: 'config-at-the-top',
      comment: 'a room gets the values that it needs, never the configuration',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: top },
      to: { path: config },
    },
    {
      name: 'config-knows-no-room',
      comment: 'the configuration is plain values',
      severity: 'error',
      from: { path: config },
      to: { path: '^src/', pathNot: [forAll, config] },
    },
    {
      name: 'top-is-not-imported',
      comment: 'what wires the rooms is imported by none of them, and neither is a command',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: top },
      to: { path: top, pathNot: [forAll, config] },
    },
    {
      name: 'commands-are-not-imported',
      comment: 'only the process entry knows the commands',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main\\.ts$|cli/)' },
      to: { path: '^src/(main\\.ts$|cli/)' },
    },
    {
      name: 'no-test-in-src',
      comment: 'the product does not import its tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts)/' },
    },
    {
      name: 'no-development-package-in-src',
      comment: 'what src imports is a dependency, not a devDependency',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: '/@types/' },
    },
    {
      name: 'no-cycle',
      comment: 'a cycle, type imports included, ties its files into one',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'an import that leads nowhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
