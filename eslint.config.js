import { dirname, relative, resolve, sep } from 'node:path'
import vue from 'eslint-plugin-vue'
import { defineConfig } from 'eslint/config'
import typescript from 'typescript-eslint'

const root = import.meta.dirname

/**
 * Who may import whom. Each law: the files it binds, what it forbids of them, and why. `to` is a path from the root of
 * the project without its extension, or the name of a package.
 */
const laws = [
  {
    binds: file => file.startsWith('simulation/'),
    forbids: ({ to }) => !to.startsWith('simulation/'),
    because: 'the simulation imports only itself',
  },
  {
    binds: file => file.startsWith('client/'),
    forbids: ({ to }) => to.startsWith('simulation/') && to !== 'simulation/index',
    because: 'the client takes the simulation through its index',
  },
  {
    binds: file => file.startsWith('client/'),
    forbids: ({ to, typeOnly }) => to.startsWith('server/') && !(to === 'server/protocol' && typeOnly),
    because: 'the client takes only types from the server, and only from server/protocol',
  },
  {
    binds: file => file.startsWith('client/') || file.startsWith('simulation/'),
    forbids: ({ to }) => to.startsWith('node:'),
    because: 'there is no Node in the browser',
  },
  {
    binds: file => file.startsWith('server/'),
    forbids: ({ to }) => to.startsWith('simulation/') && to !== 'simulation/index',
    because: 'the server takes the simulation through its index',
  },
  {
    binds: file => file.startsWith('server/'),
    forbids: ({ to }) => to.startsWith('client/'),
    because: 'the server never imports the client',
  },
  {
    binds: file => /^(simulation|server|client)\//.test(file),
    forbids: ({ to }) => to.startsWith('test/'),
    because: 'only tests import tests',
  },
  {
    binds: file => !file.startsWith('test/') && file !== 'client/socket.ts',
    forbids: ({ to }) => isPackage(to, 'socket.io-client'),
    because: 'client/socket.ts alone knows socket.io-client',
  },
  {
    binds: file => !file.startsWith('test/') && !file.startsWith('client/charts/'),
    forbids: ({ to }) => isPackage(to, 'echarts') || isPackage(to, 'zrender'),
    because: 'client/charts alone knows ECharts',
  },
  {
    binds: file => /^(simulation|server|client)\//.test(file) && file !== 'server/config.ts',
    forbids: ({ to }) => to === 'process' || to === 'node:process',
    because: 'server/config.ts alone reads the environment',
  },
]

const isPackage = (to, name) => to === name || to.startsWith(`${name}/`)

/** Paths in the project carry `/` and no extension, so that one pattern names a file however it is imported. */
const inProject = path => relative(root, path).split(sep).join('/')

const whoMayImportWhom = {
  meta: { type: 'problem', schema: [], messages: { forbidden: '{{from}} may not import {{to}}: {{because}}.' } },
  create(context) {
    const from = inProject(context.filename)
    const bound = laws.filter(law => law.binds(from))

    const check = (source, typeOnly) => {
      if (typeof source?.value !== 'string') return
      const local = source.value.startsWith('.')
      const path = local ? inProject(resolve(dirname(context.filename), source.value)) : source.value
      const to = path === 'simulation' ? 'simulation/index' : path.replace(/\.(js|ts|vue)$/, '')
      for (const { forbids, because } of bound)
        if (forbids({ to, typeOnly }))
          context.report({ node: source, messageId: 'forbidden', data: { from, to, because } })
    }

    return {
      ImportDeclaration: node => check(node.source, node.importKind === 'type'),
      ExportNamedDeclaration: node => check(node.source, node.exportKind === 'type'),
      ExportAllDeclaration: node => check(node.source, node.exportKind === 'type'),
      ImportExpression: node => check(node.source, false),
      TSImportType: node => check(node.source ?? node.argument?.literal, true),
    }
  },
}

const noEnum = { selector: 'TSEnumDeclaration', message: 'Use a union of strings.' }
const noDefaultExport = { selector: 'ExportDefaultDeclaration', message: 'Export by name.' }
const noModuleState = {
  selector: ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration[kind!="const"][declare!=true]',
  message: 'No mutable state at module level: pass it.',
}
const noEnvironment = {
  selector:
    ':matches(MemberExpression[property.name="env"], VariableDeclarator):matches([object.name="process"], [init.name="process"])',
  message: 'server/config.ts alone reads the environment.',
}

const exactMath =
  'abs|ceil|floor|round|trunc|sign|min|max|sqrt|exp|log|imul|clz32|fround|E|PI|SQRT2|SQRT1_2|LN2|LN10|LOG2E|LOG10E'
const arithmeticOnly = [
  {
    selector: ':matches(BinaryExpression[operator="**"], AssignmentExpression[operator="**="])',
    message: '`**` differs between Node versions: multiply, or use exp and log.',
  },
  {
    selector: `MemberExpression[object.name="Math"]:not([computed=false][property.name=/^(${exactMath})$/])`,
    message:
      'Not the same number on every Node version, or not repeatable: exp, log, sqrt and the exact functions are.',
  },
  { selector: 'VariableDeclarator[init.name="Math"]', message: 'Name the function: Math.exp.' },
  { selector: 'ImportExpression', message: 'The simulation is loaded whole.' },
  { selector: 'MetaProperty', message: 'The simulation knows nothing of where it runs.' },
]

const clockAndOutside = [
  'Date',
  'Intl',
  'console',
  'performance',
  'process',
  'crypto',
  'globalThis',
  'global',
  'self',
  'window',
  'document',
  'navigator',
  'fetch',
  'require',
  'Buffer',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'requestAnimationFrame',
  'clearTimeout',
  'clearInterval',
]

export default defineConfig(
  { ignores: ['dist/', 'data/', 'coverage/', '**/node_modules/', '.cache/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  typescript.configs.recommended,
  { files: ['**/*.vue'], extends: [vue.configs['flat/recommended-error']] },
  {
    plugins: { rooms: { rules: { 'who-may-import-whom': whoMayImportWhom } } },
    rules: {
      'rooms/who-may-import-whom': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': ['error', { destructuring: 'all' }],
      'no-restricted-syntax': ['error', noEnum, noDefaultExport],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    // what needs types: a promise that nobody waits for ends the process when it fails
    files: ['{simulation,server,client,test}/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root, extraFileExtensions: ['.vue'] } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
    },
  },
  {
    files: ['simulation/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', noEnum, noDefaultExport, noModuleState, ...arithmeticOnly],
      'no-restricted-globals': ['error', ...clockAndOutside],
    },
  },
  {
    files: ['server/**/*.{ts,js}', 'client/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', noEnum, noDefaultExport, noModuleState, noEnvironment] },
  },
  {
    files: ['server/config.ts'],
    rules: { 'no-restricted-syntax': ['error', noEnum, noDefaultExport, noModuleState] },
  },
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: typescript.parser } },
    rules: {
      'no-restricted-syntax': ['error', noEnum, noEnvironment],
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/multi-word-component-names': 'off',
      'vue/require-default-prop': 'off',
    },
  },
  {
    // how code is laid out belongs to the formatter
    files: ['**/*.vue'],
    rules: Object.fromEntries(
      Object.entries(vue.rules)
        .filter(([, rule]) => rule.meta.type === 'layout')
        .map(([name]) => [`vue/${name}`, 'off']),
    ),
  },
  { files: ['*.config.{js,ts}'], rules: { 'no-restricted-syntax': ['error', noEnum] } },
)
